"""Certificates of every kind, good and wrong. Keys are on P-256: quick."""

import datetime
import ipaddress
import pathlib
import ssl
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER = ExtendedKeyUsageOID.SERVER_AUTH


def days(number):
    """The moment that many days from now."""
    return datetime.datetime.utcnow() + datetime.timedelta(days=number)


@dataclass
class Wish:
    """What a certificate should say."""
    common_name: str = "hostile"
    uris: list = field(default_factory=list)
    names: list = field(default_factory=list)
    usages: list = field(default_factory=lambda: [CLIENT])
    begins: datetime.datetime = field(default_factory=lambda: days(-1))
    ends: datetime.datetime = field(default_factory=lambda: days(1))
    is_ca: bool = False
    # Which of a host's certificates it is; 0: it does not say.
    generation: int = 0
    # A private key; None: a new one.
    key: object = None


def _name(common_name, generation=0):
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if generation:
        attributes.append(x509.NameAttribute(NameOID.GENERATION_QUALIFIER, str(generation)))
    return x509.Name(attributes)


def _alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Identity:
    """A key and its certificate. It may sign others, whether it is a CA or not."""

    def __init__(self, key, certificate, above=()):
        self.key = key
        self.certificate = certificate
        # The certificates that it sends after its own.
        self.above = list(above)

    @classmethod
    def load(cls, certificate_file, key_file):
        return cls(
            serialization.load_pem_private_key(pathlib.Path(key_file).read_bytes(), None),
            x509.load_pem_x509_certificate(pathlib.Path(certificate_file).read_bytes()))

    @classmethod
    def self_signed(cls, wish):
        return cls._build(wish, None)

    def issue(self, wish, send_issuer=False):
        identity = self._build(wish, self)
        if send_issuer:
            identity.above = [self.certificate, *self.above]
        return identity

    @classmethod
    def _build(cls, wish, issuer):
        key = wish.key or ec.generate_private_key(ec.SECP256R1())
        signer = issuer.certificate.subject if issuer else _name(wish.common_name)
        builder = (x509.CertificateBuilder().subject_name(_name(wish.common_name, wish.generation))
                   .issuer_name(signer)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(wish.begins).not_valid_after(wish.ends)
                   .add_extension(x509.BasicConstraints(wish.is_ca, None), critical=True))
        alternatives = [*map(x509.UniformResourceIdentifier, wish.uris), *map(_alternative, wish.names)]
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        if wish.usages:
            builder = builder.add_extension(x509.ExtendedKeyUsage(wish.usages), critical=False)
        certificate = builder.sign(issuer.key if issuer else key, hashes.SHA256())
        return cls(key, certificate)

    def sha256(self):
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def chain_pem(self):
        return b"".join(one.public_bytes(serialization.Encoding.PEM)
                        for one in (self.certificate, *self.above))

    def key_pem(self):
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption())

    def write(self, path):
        """Key and chain in one file, as ssl.load_cert_chain takes it."""
        path = pathlib.Path(path)
        path.write_bytes(self.key_pem() + self.chain_pem())
        return path


def signing_request(key, signer=None, extensions=()):
    """A certificate signing request in PEM: for `key`, signed with `signer` or itself."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(_name("hostile"))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    request = builder.sign(key, digest)
    if signer:
        # The same words, with a signature of another key.
        other = builder.sign(signer, digest)
        der = request.public_bytes(serialization.Encoding.DER)
        der = der.replace(request.signature, other.signature[:len(request.signature)])
        return ssl.DER_cert_to_PEM_cert(der).replace("CERTIFICATE-", "CERTIFICATE REQUEST-")
    return request.public_bytes(serialization.Encoding.PEM).decode()
