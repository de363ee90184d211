"""Certificates for tests, made by the openssl program. RSA is not needed: EC keys are quick."""

import datetime
import pathlib

from muster_test import run


def _time(days):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return moment.strftime("%y%m%d%H%M%SZ")


def make_certificate(path, common_name, begins_in_days, ends_in_days):
    """Writes a certificate that signs itself, valid between the two, in place of what is there."""
    path = pathlib.Path(path)
    work = path.parent.parent / f"{path.stem}.ca"
    work.mkdir(exist_ok=True)
    key, request, config, new = (work / name for name in ("key.pem", "csr.pem", "ca.cnf", "new.pem"))
    (work / "index.txt").write_text("")
    # `openssl ca` is the command of OpenSSL 3.0 that takes both dates.
    config.write_text(f"""
[ca]
default_ca = this
[this]
database = {work}/index.txt
new_certs_dir = {work}
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
""")
    for command in (
            ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
             "-subj", f"/CN={common_name}", "-out", request],
            ["ca", "-batch", "-config", config, "-selfsign", "-keyfile", key, "-in", request,
             "-startdate", _time(begins_in_days), "-enddate", _time(ends_in_days), "-notext",
             "-out", new]):
        result = run("openssl", *command)
        assert result.returncode == 0, f"openssl {command[0]}: {result.stderr}"
    # In one step: a probe sees the old or the new one.
    new.replace(path)


class Authority:
    """A CA of a site's own, in a directory of its own."""

    def __init__(self, directory, name):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir()
        self._run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                  "-days", "30", "-subj", f"/CN={name}", "-keyout", self.directory / "ca.key",
                  "-out", self.directory / "ca.pem")

    @staticmethod
    def _run(*arguments):
        result = run("openssl", *arguments)
        assert result.returncode == 0, f"openssl {arguments[0]}: {result.stderr}"

    def pem(self):
        return (self.directory / "ca.pem").read_text()

    def issue(self, path, common_name, names=()):
        """Writes PATH.key and PATH.pem, each in one step; names as in subjectAltName."""
        path = pathlib.Path(path)
        key, request, new = (self.directory / name for name in ("new.key", "new.csr", "new.pem"))
        extensions = self.directory / "extensions"
        extensions.write_text("basicConstraints=CA:FALSE\n" +
                              (f"subjectAltName={','.join(names)}\n" if names else ""))
        self._run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                  "-subj", f"/CN={common_name}", "-out", request)
        self._run("x509", "-req", "-in", request, "-CA", self.directory / "ca.pem", "-CAkey",
                  self.directory / "ca.key", "-CAcreateserial", "-days", "30", "-extfile", extensions,
                  "-out", new)
        key.chmod(0o600)
        key.replace(path.with_name(path.name + ".key"))
        new.replace(path.with_name(path.name + ".pem"))
