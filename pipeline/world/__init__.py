"""The fixture world: invented outlets with feeds and pages, and a loopback server that answers for their hosts."""
