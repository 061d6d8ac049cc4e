"""Load: clients in threads, which ask until they are told to end or nobody listens."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.client import Answer, Client, HalfAnsweredError, UnansweredError


class Load:
    """Clients that ask for one path over and over.

    As a context manager it returns when every client has had an answer, and ends them.

    Attributes:
        answered: Requests with a whole and accepted answer.
        unanswered: Requests whose connection ended before an answer began.
        broken: What went wrong in the others: half answers, and those not accepted.
    """

    def __init__(
        self,
        url: str,
        *,
        path: str = "/",
        clients: int = 8,
        keep_alive: bool = True,
        accept: Callable[[Answer], bool] = lambda answer: answer.status == 200,
    ) -> None:
        self._url, self._path, self._keep_alive, self._accept = url, path, keep_alive, accept
        self._end = threading.Event()
        self._begun = threading.Barrier(clients + 1)
        self._lock = threading.Lock()
        self.answered = 0
        self.unanswered = 0
        self.broken: list[str] = []
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self._begun.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end.set()
        self.join()

    def join(self) -> None:
        """Waits until every client has ended."""
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        try:
            with Client(self._url) as client:
                self._ask(client)
        except BaseException:
            self._begun.abort()
            raise
        self._begun.wait()
        while not self._end.is_set():
            try:
                client = Client(self._url)
            except OSError:
                return  # nobody listens any more
            with client:
                self._ask_on(client)

    def _ask_on(self, client: Client) -> None:
        try:
            while not self._end.is_set():
                if self._ask(client).closes:
                    return
        except UnansweredError:
            with self._lock:
                self.unanswered += 1
        except HalfAnsweredError as error:
            with self._lock:
                self.broken.append(f"half an answer: {error}")

    def _ask(self, client: Client) -> Answer:
        close = "" if self._keep_alive else "Connection: close\r\n"
        answer = client.ask("GET", self._path, fields=f"Host: test\r\n{close}")
        with self._lock:
            if self._accept(answer):
                self.answered += 1
            else:
                self.broken.append(str(answer))
        return answer
