import asyncio
async def test_x(rehearsal):
    resident = await rehearsal.start("tiny")
    await resident.complete("judge", "done", results={"craft": False})
    await rehearsal.move(days=2)
    told = resident.notices()
    print("TOLD", told, flush=True)
    await asyncio.wait_for(resident.act("release"), 10)
    print("released", resident.said, flush=True)
    try:
        await asyncio.wait_for(rehearsal.move(hours=12), 15)
        print("moved", resident.said.ended, flush=True)
        print(await asyncio.wait_for(resident.ended(), 10))
    finally:
        d = await resident.handle.describe()
        print(d.status, d.raw_description.pending_workflow_task, flush=True)
        try:
            print(await asyncio.wait_for(resident.view(), 5))
        except BaseException as e: print(repr(e))
        h = await resident.handle.fetch_history()
        open("/tmp/h-zz.json","w").write(h.to_json())
