import time


async def test_try2(rehearsal):
    r = await rehearsal.start("residence")
    t=time.time()
    await r.reach("m2")
    print(time.time()-t)
    await r.report("m2")
    await rehearsal.move(days=1)
    await r.mentor.sign_off("m2", "approved")
    await rehearsal.move(days=5)
    print(time.time()-t)
    print(r.notices("m2"), [o.key for o in r.said.open])
    print(await r.finish(), time.time()-t)
    print(r.notices())
