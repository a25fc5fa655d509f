"""One page turn to many tablets: ours beside python-socketio as it comes and Node's socket.io."""
