#!/usr/bin/python3 -B
"""A server for one component (XEP-0114): stub.py FILE

Prints its port. What the component sends goes into FILE, what comes on standard input to the
component. It knows no secret: whoever comes is let in.
"""
import socket
import sys
import threading

HEADER = (b"<stream:stream xmlns='jabber:component:accept'"
          b" xmlns:stream='http://etherx.jabber.org/streams' from='pubsub.example.org' id='1'>")


def hand_on_input(peer):
    for line in sys.stdin.buffer:
        peer.sendall(line)


def serve(peer, out):
    seen = b""
    while b"<stream:stream" not in seen:
        seen += peer.recv(4096)
    peer.sendall(HEADER)
    while b"</handshake>" not in seen:
        seen += peer.recv(4096)
    peer.sendall(b"<handshake/>")
    threading.Thread(target=hand_on_input, args=(peer,), daemon=True).start()
    while data := peer.recv(65536):
        out.write(data)


def main():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    print(listener.getsockname()[1], flush=True)
    with open(sys.argv[1], "wb", buffering=0) as out:
        serve(listener.accept()[0], out)


main()
