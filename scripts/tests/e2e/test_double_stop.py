# SPDX-License-Identifier: GPL-2.0
"""Two processes stop the same session: both are told the same end."""
from __future__ import annotations

from typing import Callable

import spt
import sptctl
from background import Child
from lio import Tpg
from tools import rounds
from wire import WireInitiator


def test_double_stop(tpg: Tpg, module: None,
                     wire: Callable[..., WireInitiator]) -> None:
    """Both get 0; who comes later finds nothing."""
    one = wire(tpg, login=False)
    for _ in range(rounds(20)):
        one.login()
        cookie = spt.cookie_of(one.name)
        # Opened before either begins, so that both find the session listed.
        devices = [spt.Device(), spt.Device()]
        children = [Child(lambda device=device: device.stop(cookie))
                    for device in devices]
        for child in children:
            child.go()
        answers = [child.result() for child in children]
        for device in devices:
            device.close()
        # Whoever asks after the end gets ENOENT, which a slow process may do.
        assert spt.DONE in answers, answers
        assert set(answers) <= {spt.DONE, spt.UNKNOWN}, answers
        assert spt.stop(cookie) == spt.UNKNOWN
        assert sptctl.run("stop", cookie).code == sptctl.NO_SESSION
        one.see_the_end()
