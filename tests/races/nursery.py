"""The mother of racing processes: loads the product once, forks the racers, kills some with -9 and starts them anew.

    python -m tests.races.nursery RACE CONFIG    (a name from RACES, a JSON object)

Racers write what they were told into files of their own, one write per line: what stands there was acknowledged.
Prints one JSON line: how many racers were killed, and the racers' exit codes.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tests.races import seats, webhooks

RACES: dict[str, Callable[[dict[str, Any], int], Awaitable[None]]] = {
    "seats": seats.race,
    "webhooks": webhooks.race,
}


def fork(race: str, config: dict[str, Any], number: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        asyncio.run(RACES[race](config, number))
    except BaseException as error:  # noqa: BLE001 - a child never runs its mother's code
        print(f"racer {number}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def main(race: str, config: dict[str, Any]) -> None:
    dice = random.Random(config["seed"])
    running = {fork(race, config, n): n for n in range(config["processes"])}
    killed, codes = set[int](), list[int]()
    until = time.monotonic() + config["seconds"]
    next_kill = time.monotonic() + 0.3
    while running and time.monotonic() < until:
        alive = [child for child in running if child not in killed]
        if len(killed) < config["kills"] and alive and time.monotonic() >= next_kill:
            victim = dice.choice(alive)
            os.kill(victim, signal.SIGKILL)
            killed.add(victim)
            next_kill = time.monotonic() + dice.uniform(0.02, config["pause"])
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            time.sleep(0.005)
            continue
        number = running.pop(child)
        if os.WIFSIGNALED(status):
            running[fork(race, config, number)] = number
        else:
            codes.append(os.WEXITSTATUS(status))
    for child in running:
        os.kill(child, signal.SIGKILL)
    print(json.dumps({"kills": len(killed), "codes": codes, "late": len(running)}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
