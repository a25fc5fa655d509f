"""Names and addresses of a machine."""

from __future__ import annotations

import socket

from server.machine import arrange, lan_addresses


def test_machine_names_are_what_people_type() -> None:
    names = arrange("PhongHop1.tinh.vn", ["10.0.0.5", "fd00::5"], "hop.tinh.gov.vn")
    assert names.hosts == ("hop.tinh.gov.vn", "phonghop1.tinh.vn", "phonghop1.local", "localhost")
    assert names.addresses == ("10.0.0.5", "fd00::5", "127.0.0.1", "::1")


def test_a_public_address_stands_among_the_addresses() -> None:
    assert arrange("a", [], "203.0.113.7").addresses[0] == "203.0.113.7"


def test_a_host_name_that_dns_would_not_take_is_left_out() -> None:
    assert arrange("phòng_họp", []).hosts == ("localhost",)


def test_the_machine_knows_its_own_addresses() -> None:
    found = lan_addresses()
    assert len(found) == len(set(found))
    for address in found:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as probe:
            probe.bind((address, 0))
