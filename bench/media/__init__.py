"""The forwarder beside Janus: the same senders, the same receivers, the same measure."""
