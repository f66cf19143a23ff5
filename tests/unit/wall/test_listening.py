import errno
import socket
import ssl

import pytest
import trustme

from zalo_alert.errors import UsageError
from zalo_alert.wall.listening import Certificate, inside_address, load_certificate, open_socket


@pytest.mark.parametrize("text", ["127.0.0.1", "localhost", "::1", "192.168.1.20", "10.0.0.1", "fd00::1", "169.254.3.4"])
def test_an_inside_address_is_taken(text):
    assert inside_address(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wall.local", "no address of a network card"),
        ("", "no address of a network card"),
        ("0.0.0.0", "every network"),
        ("::", "every network"),
        ("224.0.0.1", "every network"),
        ("8.8.8.8", "from the internet"),
        ("2001:4860::1", "from the internet"),
    ],
)
def test_any_other_is_refused_with_what_to_do(text, said):
    with pytest.raises(UsageError, match=said) as caught:
        inside_address(text)

    assert caught.value.hint


def test_a_port_in_use_is_told_with_both_ways_out():
    with open_socket(inside_address("127.0.0.1"), 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} on 127.0.0.1 is taken") as caught:
            open_socket(inside_address("127.0.0.1"), port)

    assert f"http://127.0.0.1:{port}/" in caught.value.hint


@pytest.mark.skipif(not hasattr(socket, "AF_INET"), reason="no network")
def test_an_address_of_another_machine_is_told():
    with pytest.raises(UsageError, match=r"192\.168\.255\.254 is no address of this machine") as caught:
        open_socket(inside_address("192.168.255.254"), 0)

    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.EADDRNOTAVAIL


@pytest.fixture
def certificate(tmp_path):
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    made.cert_chain_pems[0].write_to_path(tmp_path / "chain.pem")
    return Certificate(tmp_path / "chain.pem", tmp_path / "key.pem")


def test_a_certificate_with_its_key_is_taken(certificate):
    assert isinstance(load_certificate(certificate), ssl.SSLContext)


@pytest.mark.parametrize("spoil", ["missing", "no PEM", "another's key"])
def test_a_certificate_of_no_use_is_told(certificate, spoil):
    match spoil:
        case "missing":
            certificate.key.unlink()
        case "no PEM":
            certificate.chain.write_text("hello")
        case _:
            trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(certificate.key)

    with pytest.raises(UsageError, match="can't use the certificate") as caught:
        load_certificate(certificate)

    assert "PEM" in caught.value.hint
