"""How each server is configured, as its administrator would on Debian, and what is executed then.

A recipe runs as root inside the server's mounts (inside.py): it writes below /etc, makes what the package's
installation would have made, and returns the command. `w` is what the test asked for.
"""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess


@dataclasses.dataclass
class Wishes:
    """What a test asks for, and where."""
    name: str
    address: str  # to listen at: "127.0.0.1"
    ports: dict  # what is spoken: the port; "tls" is TLS at once, "smtp" its STARTTLS
    certificate: str  # paths, the same inside and outside
    key: str
    hosts: dict  # of nginx, haproxy and apache2: {"shop.example.org": [certificate, key]}
    settings: str  # lines for the server's configuration, in its words, where TLS is configured


def write(path, text, mode=0o644, owner=None):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(mode)
    if owner:
        os.system(f"chown {owner} {path}")


def directory(path, owner="root:root", mode=0o755):
    pathlib.Path(path).mkdir(parents=True, exist_ok=True)
    subprocess.run(["chown", "-R", owner, path], check=True)
    os.chmod(path, mode)


def as_user(user, *command):
    return ["setpriv", "--reuid", user, "--regid", user, "--init-groups", *command]


def nginx(w):
    def server(names, certificate, key):
        return (f"server {{\n  listen {w.address}:{w.ports['tls']} ssl;\n  server_name {names};\n"
                f"  ssl_certificate {certificate};\n  ssl_certificate_key {key};\n  {w.settings}\n"
                "  return 200 'here\\n';\n}\n")
    write("/etc/nginx/sites-enabled/default", server("_", w.certificate, w.key))
    for name, (certificate, key) in w.hosts.items():
        write(f"/etc/nginx/sites-enabled/{name}", server(name, certificate, key))
    directory("/var/lib/nginx", "www-data:www-data")
    directory("/var/log/nginx")
    return ["/usr/sbin/nginx", "-g", "daemon off;"]


def apache2(w):
    def site(names, certificate, key):
        return (f"<VirtualHost {w.address}:{w.ports['tls']}>\n  {names}\n  SSLEngine on\n"
                f"  SSLCertificateFile {certificate}\n  SSLCertificateKeyFile {key}\n  {w.settings}\n</VirtualHost>\n")
    write("/etc/apache2/ports.conf", f"Listen {w.address}:{w.ports['tls']}\n")
    for module in ("mpm_event", "authz_core", "mime", "socache_shmcb", "ssl"):
        for kind in ("load", "conf"):
            if os.path.exists(f"/etc/apache2/mods-available/{module}.{kind}"):
                directory("/etc/apache2/mods-enabled")
                os.symlink(f"../mods-available/{module}.{kind}", f"/etc/apache2/mods-enabled/{module}.{kind}")
    write("/etc/apache2/sites-enabled/000-default.conf", site("ServerName localhost", w.certificate, w.key))
    for name, (certificate, key) in w.hosts.items():
        write(f"/etc/apache2/sites-enabled/{name}.conf", site(f"ServerName {name}", certificate, key))
    directory("/var/log/apache2")
    directory("/run/lock")
    return ["/bin/sh", "-c", ". /etc/apache2/envvars; mkdir -p $APACHE_RUN_DIR $APACHE_LOCK_DIR; "
            "exec /usr/sbin/apache2 -D FOREGROUND"]


def haproxy(w):
    certificates = " ".join(f"crt {each}" for each in [w.certificate, *(pair[0] for pair in w.hosts.values())])
    write("/etc/haproxy/haproxy.cfg", f"""global
    log stdout format raw local0
    user haproxy
    group haproxy
defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
frontend web
    bind {w.address}:{w.ports['tls']} ssl {certificates} {w.settings}
    http-request return status 200
""")
    return ["/usr/sbin/haproxy", "-W", "-f", "/etc/haproxy/haproxy.cfg"]


def postfix(w):
    write("/etc/postfix/main.cf", f"""compatibility_level = 3.6
maillog_file = /var/log/postfix.log
myhostname = mail.example.org
mydestination = localhost
inet_protocols = ipv4
smtpd_tls_cert_file = {w.certificate}
smtpd_tls_key_file = {w.key}
smtpd_tls_security_level = may
{w.settings}
""")
    services = pathlib.Path("/usr/share/postfix/master.cf.dist").read_text().splitlines()
    services = [line for line in services if not line.startswith(("smtp      inet", "#"))]
    write("/etc/postfix/master.cf", "\n".join([
        f"{w.address}:{w.ports['smtp']} inet n - n - - smtpd",
        f"{w.address}:{w.ports['tls']} inet n - n - - smtpd", "  -o smtpd_tls_wrappermode=yes",
        *services, ""]).replace("       y       ", "       n       "))
    write("/etc/aliases", "postmaster: root\n")
    directory("/var/lib/postfix", "postfix:postfix")
    subprocess.run(["postfix", "set-permissions"], check=False, capture_output=True)
    subprocess.run(["postfix", "check"], check=True)
    return ["/usr/sbin/postfix", "start-fg"]


def dovecot(w):
    listeners = {"imap": "imap", "pop3": "pop3", "sieve": "managesieve"}
    services = "".join(
        f"service {each}-login {{\n  inet_listener {name} {{\n    address = {w.address}\n    port = {w.ports[name]}\n  }}\n"
        + (f"  inet_listener imaps {{\n    address = {w.address}\n    port = {w.ports['tls']}\n  }}\n" if name == "imap" else "")
        + (f"  inet_listener pop3s {{\n    port = 0\n  }}\n" if name == "pop3" else "") + "}\n"
        for name, each in listeners.items())
    write("/etc/dovecot/dovecot.conf", f"""protocols = imap pop3 sieve
!include conf.d/*.conf
log_path = /dev/stderr
{services}""")
    for each in pathlib.Path("/etc/dovecot/conf.d").glob("*.conf"):
        each.unlink()
    write("/etc/dovecot/conf.d/10-ssl.conf", f"ssl = required\nssl_cert = <{w.certificate}\nssl_key = <{w.key}\n{w.settings}\n")
    write("/etc/dovecot/conf.d/10-auth.conf", "passdb {\n  driver = pam\n}\nuserdb {\n  driver = passwd\n}\n")
    directory("/var/lib/dovecot")
    return ["/usr/sbin/dovecot", "-F"]


def slapd(w):
    # The configuration that the package makes, with TLS.
    for place in ("/etc/ldap/slapd.d", "/var/lib/ldap", "/run/slapd"):
        directory(place, "openldap:openldap")
    write("/run/slapd.ldif", f"""dn: cn=config
objectClass: olcGlobal
cn: config
olcPidFile: /run/slapd/slapd.pid
olcTLSCertificateFile: {w.certificate}
olcTLSCertificateKeyFile: {w.key}
{w.settings}

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

dn: olcDatabase={{-1}}frontend,cn=config
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {{-1}}frontend

dn: olcDatabase={{0}}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {{0}}config
""".replace("\n\n\n", "\n\n"))
    subprocess.run(["slapadd", "-n", "0", "-F", "/etc/ldap/slapd.d", "-l", "/run/slapd.ldif"], check=True)
    directory("/etc/ldap/slapd.d", "openldap:openldap")
    return ["/usr/sbin/slapd", "-d", "0", "-u", "openldap", "-g", "openldap", "-F", "/etc/ldap/slapd.d",
            "-h", f"ldap://{w.address}:{w.ports['ldap']}/ ldaps://{w.address}:{w.ports['tls']}/"]


def postgresql(w):
    programs = "/usr/lib/postgresql/15/bin"
    data, configuration = "/var/lib/postgresql/15/main", "/etc/postgresql/15/main"
    directory("/var/lib/postgresql/15", "postgres:postgres")
    directory("/run/postgresql", "postgres:postgres")
    shutil.rmtree(data, ignore_errors=True)  # this machine's, of which only this server's view changes
    subprocess.run(as_user("postgres", f"{programs}/initdb", "--no-sync", "-A", "peer", "-D", data), check=True,
                   stdout=subprocess.DEVNULL)
    write(f"{configuration}/postgresql.conf", f"""data_directory = '{data}'
hba_file = '{data}/pg_hba.conf'
listen_addresses = '{w.address}'
port = {w.ports['postgres']}
ssl = on
ssl_cert_file = '{w.certificate}'
ssl_key_file = '{w.key}'
{w.settings}
""")
    return as_user("postgres", f"{programs}/postgres", "-D", data, "-c",
                   f"config_file={configuration}/postgresql.conf")


def mariadb(w):
    if not os.path.lexists("/etc/mysql/my.cnf"):
        os.symlink("mariadb.cnf", "/etc/mysql/my.cnf")
    write("/etc/mysql/mariadb.conf.d/60-tls.cnf", f"""[mariadbd]
bind-address = {w.address}
port = {w.ports['mysql']}
ssl-cert = {w.certificate}
ssl-key = {w.key}
{w.settings}
""")
    for place in ("/var/lib/mysql", "/run/mysqld", "/var/log/mysql"):
        directory(place, "mysql:mysql")
    subprocess.run(["mariadb-install-db", "--user=mysql", "--skip-test-db", "--auth-root-authentication-method=socket"],
                   check=True, stdout=subprocess.DEVNULL)
    return ["/usr/sbin/mariadbd", "--user=mysql"]


def vsftpd(w):
    write("/etc/vsftpd.conf", f"""listen=YES
listen_ipv6=NO
background=NO
listen_address={w.address}
listen_port={w.ports['ftp']}
local_enable=YES
secure_chroot_dir=/var/run/vsftpd/empty
pam_service_name=vsftpd
rsa_cert_file={w.certificate}
rsa_private_key_file={w.key}
ssl_enable=YES
{w.settings}
""")
    directory("/run/vsftpd/empty")
    return ["/usr/sbin/vsftpd", "/etc/vsftpd.conf"]


def prosody(w):
    write("/etc/prosody/prosody.cfg.lua", f"""
modules_enabled = {{ "roster"; "saslauth"; "tls"; "dialback"; "disco"; }}
interfaces = {{ "{w.address}" }}
c2s_ports = {{ {w.ports['xmpp']} }}
c2s_direct_tls_ports = {{ {w.ports['tls']} }}
s2s_ports = {{ {w.ports['xmpp-server']} }}
pidfile = "/run/prosody/prosody.pid"
authentication = "internal_hashed"
log = {{ info = "*console" }}
c2s_direct_tls_ssl = {{ certificate = "{w.certificate}"; key = "{w.key}"; }}
{w.settings}
VirtualHost "localhost"
  ssl = {{
    certificate = "{w.certificate}";
    key = "{w.key}";
  }}
""")
    for place in ("/run/prosody", "/var/lib/prosody"):
        directory(place, "prosody:prosody")
    return as_user("prosody", "/usr/bin/prosody", "-F")


def inn2(w):
    # A machine that runs tests has more load than it would serve news with.
    text = re.sub(r"(?m)^nnrpdloadlimit:.*", "nnrpdloadlimit: 0", pathlib.Path("/etc/news/inn.conf").read_text())
    write("/etc/news/inn.conf", f"{text}\ndomain: example.org\ntlscertfile: {w.certificate}\ntlskeyfile: {w.key}\n{w.settings}\n")
    for name, text in (("active", "control 0000000000 0000000001 n\njunk 0000000000 0000000001 n\n"), ("newsgroups", ""),
                       ("history", "")):
        write(f"/var/lib/news/{name}", text)
    directory("/var/spool/news/overview")
    for place in ("/run/news", "/var/lib/news", "/var/spool/news", "/var/log/news"):
        directory(place, "news:news")
    subprocess.run(as_user("news", "/usr/lib/news/bin/makedbz", "-i", "-o"), check=True)
    # Makes the overview's index, as innd does.
    subprocess.run(as_user("news", "/usr/lib/news/bin/overchan"), stdin=subprocess.DEVNULL, check=True)
    return as_user("news", "/usr/lib/news/bin/nnrpd", "-D", "-f", "-p", str(w.ports["nntp"]), "-4", w.address)


def xrdp(w):
    lines = pathlib.Path("/etc/xrdp/xrdp.ini").read_text().splitlines()
    ours = {"port": f"tcp://{w.address}:{w.ports['rdp']}", "security_layer": "tls", "certificate": w.certificate,
            "key_file": w.key}
    in_globals, kept = False, []
    for line in lines:
        if line.startswith("["):
            in_globals = line == "[Globals]"
        name = line.partition("=")[0]
        kept.append(f"{name}={ours[name]}" if in_globals and name in ours else line)
    write("/etc/xrdp/xrdp.ini", "\n".join(kept + [w.settings, ""]))
    for place in ("/run/xrdp", "/var/log"):
        directory(place)
    subprocess.run(["xrdp-keygen", "xrdp", "/etc/xrdp/rsakeys.ini"], check=True, capture_output=True)
    return ["/usr/sbin/xrdp", "--nodaemon"]


def inspircd(w):
    write("/etc/inspircd/inspircd.conf", f"""
<config format="xml">
<server name="irc.example.org" description="test" network="Test">
<admin name="A" nick="a" email="a@example.org">
<bind address="{w.address}" port="{w.ports['irc']}" type="clients">
<bind address="{w.address}" port="{w.ports['tls']}" type="clients" sslprofile="Clients">
<connect name="all" allow="*" timeout="60">
<module name="ssl_gnutls">
<module name="starttls">
<starttls provider="Clients">
<sslprofile name="Clients" provider="gnutls"
    certfile="{w.certificate}"
    keyfile="{w.key}">
<pid file="/run/inspircd/inspircd.pid">
{w.settings}
""")
    for place in ("/run/inspircd", "/var/log/inspircd", "/var/lib/inspircd"):
        directory(place, "irc:irc")
    return as_user("irc", "/usr/sbin/inspircd", "--nofork", "--nolog")


@dataclasses.dataclass
class Recipe:
    """One server."""
    configure: object
    speaks: tuple  # of which a port each; the first is Server.port
    user: str = "root"  # who has to be able to read the key
    key_beside: bool = True  # else the key is in the certificate's file


RECIPES = {
    "nginx": Recipe(nginx, ("tls",)),
    "apache2": Recipe(apache2, ("tls",)),
    "haproxy": Recipe(haproxy, ("tls",), key_beside=False),
    "postfix": Recipe(postfix, ("smtp", "tls")),
    "dovecot": Recipe(dovecot, ("imap", "pop3", "sieve", "tls")),
    "slapd": Recipe(slapd, ("ldap", "tls"), "openldap"),
    "postgresql": Recipe(postgresql, ("postgres",), "postgres"),
    "mariadb": Recipe(mariadb, ("mysql",), "mysql"),
    "vsftpd": Recipe(vsftpd, ("ftp",)),
    "prosody": Recipe(prosody, ("xmpp", "xmpp-server", "tls"), "prosody"),
    "inn2": Recipe(inn2, ("nntp",), "news"),
    "xrdp": Recipe(xrdp, ("rdp",)),
    "inspircd": Recipe(inspircd, ("irc", "tls"), "irc"),
}
