"""The ways a mail can leave, one file each behind one port."""
