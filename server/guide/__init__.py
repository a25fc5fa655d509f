"""`/cai-dat`: how to make a tablet trust this machine, in pictures, without JavaScript."""
