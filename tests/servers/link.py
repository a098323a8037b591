"""What is between peppyd and the server's component port: a proxy that drops."""
import socket
import threading


class Link:
    """Passes on whatever comes until it is cut; then connections break in the middle of a stanza,
    and new ones end at once, until it is mended."""

    def __init__(self, port):
        self.target = port
        self.is_cut = False
        self.sockets = set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:  # closed
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                pair = () if self.is_cut else ((near, far), (far, near))
                self.sockets.update((near, far) if pair else ())
            for source, sink in pair:
                threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()
            if not pair:
                near.close()
                far.close()

    def pump(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        self.drop(source, sink)

    def drop(self, *sockets):
        with self.lock:
            for one in self.sockets.intersection(sockets):
                self.sockets.discard(one)
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                one.close()

    def cut(self):
        self.is_cut = True
        self.drop(*self.sockets)

    def mend(self):
        self.is_cut = False

    def close(self):
        self.cut()
        self.listener.close()
