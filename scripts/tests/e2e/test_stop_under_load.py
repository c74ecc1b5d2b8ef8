# SPDX-License-Identifier: GPL-2.0
"""A stop hits one session; nobody else notices, and its initiator comes back."""
from __future__ import annotations

from typing import Callable

import spt
from fio import Fio
from initiator import Initiator
from lio import Lio, Tpg
from spt import Device
from tools import until
from wire import WireInitiator

Wire = Callable[..., WireInitiator]


def test_one_of_ten(disks: Callable[[int], list[Initiator]], module: None,
                    fio: Callable[..., Fio]) -> None:
    """fio with verify on all of them, over the stop of one."""
    initiators = disks(10)
    victim, others = initiators[3], initiators[:3] + initiators[4:]
    tpg = victim.tpg
    load = fio(initiators)
    load.wait_for_io()
    before = spt.sessions()
    sid = before[victim.name].sid
    login_of = victim.session()

    assert spt.stop(before[victim.name].cookie) == spt.DONE
    acl = tpg.acl_session(victim.name)
    peers = tpg.sockets()
    assert acl is None or acl.sid != sid
    assert before[victim.name].peer not in peers
    for other in others:
        assert before[other.name].peer in peers

    until(lambda: tpg.acl_session(victim.name), "the initiator comes back", 30)
    after = spt.sessions()
    assert after[victim.name].cookie > before[victim.name].cookie
    assert after[victim.name].sid != sid
    for other in others:
        assert after[other.name].cookie == before[other.name].cookie
        assert after[other.name].sid == before[other.name].sid
    # It came back by itself: open-iscsi has it as the session that it was.
    assert victim.session() == login_of
    load.wait_for_pass()
    load.finish()
    assert {info.cookie for info in spt.sessions().values()} == \
        {info.cookie for info in after.values()}


def assert_gone_at_return(tpg: Tpg, one: WireInitiator) -> None:
    """Nothing else happens between the answer and LIO's own view."""
    with Device() as device:
        start, = device.read_all()
        info = device.known(start.cookie)
        assert info.peer in tpg.sockets() and tpg.has_session(one.name)
        assert device.stop(start.cookie) == spt.DONE
        assert not tpg.has_session(one.name)
        assert info.peer not in tpg.sockets()
        assert device.info(start.cookie) is None
    one.see_the_end()
    assert spt.starts() == []


def test_gone_at_return_explicit_acl(lio: Lio, module: None, wire: Wire) -> None:
    """LIO's view is the ACL's info; this initiator does not come back."""
    tpg = lio.tpg()
    tpg.acl("iqn.2024-01.example:explicit")
    tpg.enable()
    assert_gone_at_return(tpg, wire(tpg, "iqn.2024-01.example:explicit"))


def test_gone_at_return_demo_mode(tpg: Tpg, module: None, wire: Wire) -> None:
    """LIO's view is the TPG's dynamic_sessions."""
    assert_gone_at_return(tpg, wire(tpg))
