"""Room codecs that call, or are called, by SIP: Janus speaks SIP, a process per codec mixes and transcodes."""
