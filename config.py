"""Settings: one frozen value read from the environment; refuses what cannot work, all faults at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dotenv import dotenv_values

from newsletter_app.kernel import keys
from newsletter_app.kernel.addresses import AddressFault, parse_address
from newsletter_app.kernel.buckets import Bucket, BucketFault, read_bucket_url
from newsletter_app.kernel.environment import Environment
from newsletter_app.kernel.hook_keys import POSTMARK, HookKeyFault, read_hook_keys
from newsletter_app.kernel.hosts import is_loopback
from newsletter_app.kernel.imap_url import ImapUrl, ImapUrlFault, read_imap_url
from newsletter_app.kernel.listening import Place, PlaceFault, read_place
from newsletter_app.mail.opening import SmtpServer
from newsletter_app.mail.smtp_url import SmtpUrlFault, read_smtp_urls

ROOT: Final = Path(__file__).resolve().parent
SECRETS: Final = (
    "DATABASE_URL",
    "REDIS_URL",
    "SMTP_URL",
    "SECRET_KEY",
    "LINK_KEYS",
    "HASH_KEY",
    "MEDIA_URL",
    "FEEDBACK_HOOK_KEYS",
    "FEEDBACK_IMAP_URL",
)
NAMES: Final = (
    *SECRETS,
    *("PUBLIC_URL", "MAIL_FROM", "BOUNCE_DOMAIN", "EHLO_NAME", "DKIM_DIR", "DATA_DIR"),
    *("BOUNCE_LISTEN", "FEEDBACK_MAILDIR", "HOST", "PORT", "TRUSTED_PROXIES", "WEB_PROCESSES"),
    *("BOUNCE_TLS", "EMBED_SITES", "LOG_LEVEL"),
)
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
# Providers that refuse mail which claims to come from their own addresses (M37).
FOREIGN_SENDERS: Final = frozenset({
    "gmail.com", "googlemail.com", "yahoo.com", "yahoo.ca", "ymail.com", "outlook.com", "hotmail.com",
    "hotmail.ca", "live.com", "live.ca", "msn.com", "icloud.com", "me.com", "aol.com",
})  # fmt: skip
TRYOUT_DOMAIN: Final = "nerves.example"
# Stands in for a faulty PUBLIC_URL, so that its fault is told once and not as three others.
UNKNOWN_URL: Final = f"https://{TRYOUT_DOMAIN}"
POSTGRESQL: Final = ("postgresql+psycopg://", "postgresql://", "postgres://")
# A fixed place rather than TMPDIR or XDG_RUNTIME_DIR, which differ between a person's session, cron and
# sudo (and XDG_RUNTIME_DIR vanishes at log-out): every process must derive the same path.
SOCKETS: Final = Path("/tmp")  # noqa: S108 - the folder made in it is 0700 and its owner is checked.


class ConfigError(Exception):
    """The environment cannot be run with; ``faults`` holds one sentence each, saying what to do."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        """Keep every sentence, in the order the names were read."""
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the environment decides; secrets are left out of ``repr``."""

    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    smtp: tuple[SmtpServer, ...] = field(repr=False)
    public_url: str
    mail_from: str
    bounce_domain: str
    ehlo_name: str
    secret_key: str = field(repr=False)
    link_keys: tuple[bytes, ...] = field(repr=False)
    hash_key: bytes = field(repr=False)
    data_dir: Path
    dkim_dir: Path
    host: str
    port: int
    trusted_proxies: int
    log_level: str
    web_processes: int = 1
    embed_sites: tuple[str, ...] = ()
    bucket: Bucket | None = None
    bounce_listen: Place | None = None
    bounce_tls: tuple[Path, Path] | None = None
    feedback_imap: ImapUrl | None = field(default=None, repr=False)
    feedback_maildir: Path | None = None
    hook_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str] | None = None, *, read_dotenv: bool = True, root: Path = ROOT
    ) -> Settings:
        """Return the settings that ``environ`` (default: the process's) and ``root/.env`` ask for.

        The environment wins over ``.env``; an empty value counts as unset. Keys that neither gives
        are made once into ``DATA_DIR/keys``. Raises ConfigError with all faults.
        """
        given = {name: text for name, text in (os.environ if environ is None else environ).items() if text}
        if read_dotenv:
            filed = dotenv_values(root / ".env")
            given = {name: text for name, text in filed.items() if text} | given
        read = Environment(given, root)
        settings = _read(read, root)
        if read.faults:
            raise ConfigError(tuple(read.faults))
        return settings

    @property
    def uses_outbox(self) -> bool:
        """Whether mails stay in the database, because no SMTP server is set."""
        return not self.smtp

    @property
    def is_tryout(self) -> bool:
        """Whether nothing can leave this machine: sample content, ``/outbox`` and the strip are shown."""
        return self.uses_outbox and is_loopback(_host(self.public_url)) and is_loopback(self.host)

    @property
    def stop_domain(self) -> str:
        """Where mails to readers' addresses for stopping are read; "" while nothing brings them here."""
        ways = (self.bounce_listen, self.feedback_imap, self.feedback_maildir)
        return self.bounce_domain if any(way is not None for way in ways) else ""

    @property
    def tells_postmark(self) -> bool:
        """Whether Postmark's hook is set, which knows our mails by a field that they bear for it."""
        return POSTMARK in self.hook_keys

    @property
    def is_https(self) -> bool:
        """Whether readers come over TLS: ``__Host-`` cookies and HSTS."""
        return self.public_url.startswith("https:")

    @property
    def broker_socket(self) -> Path:
        """Where the embedded broker listens: one path per DATA_DIR, short enough for a socket (107 bytes)."""
        place = hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:16]
        return SOCKETS / f"newsletter-{_owner(self.data_dir)}-{place}" / "broker.sock"

    @property
    def broker_url(self) -> str:
        """The broker's address as Celery spells it."""
        return self.redis_url or f"redis+socket://{self.broker_socket}?virtual_host=0"

    @property
    def redis_client_url(self) -> str:
        """The broker's address as redis-py spells it."""
        return self.redis_url or f"unix://{self.broker_socket}?db=0"

    @property
    def key_fingerprints(self) -> dict[str, str]:
        """What the database remembers of these keys (see ``kernel.keys.fingerprints``)."""
        return keys.fingerprints(self.hash_key, self.link_keys)


def _read(read: Environment, root: Path) -> Settings:
    host, port = read.text("HOST", "127.0.0.1"), read.number("PORT", 8000, 1, 65535)
    public_url, smtp = _public_url(read, host, port), _smtp(read)
    sender = _mail_from(read, _host(public_url), tryout=not smtp)
    domain = sender.rpartition("@")[2]
    data_dir = read.folder("DATA_DIR", root / "var")
    _refuse_combinations(read, host, public_url, smtp)
    return Settings(
        database_url=_database_url(read, data_dir, root),
        redis_url=_redis_url(read),
        smtp=smtp,
        public_url=public_url,
        mail_from=sender,
        bounce_domain=read.domain("BOUNCE_DOMAIN", domain),
        ehlo_name=read.domain("EHLO_NAME", domain if is_loopback(_host(public_url)) else _host(public_url)),
        secret_key=_keys(read, "SECRET_KEY", data_dir)[0],
        link_keys=tuple(key.encode() for key in _keys(read, "LINK_KEYS", data_dir)),
        hash_key=_keys(read, "HASH_KEY", data_dir)[0].encode(),
        data_dir=data_dir,
        dkim_dir=read.folder("DKIM_DIR", data_dir / "dkim"),
        host=host,
        port=port,
        trusted_proxies=read.number("TRUSTED_PROXIES", 0, 0, 10),
        web_processes=read.number("WEB_PROCESSES", 1, 1, 64),
        embed_sites=read.sites("EMBED_SITES"),
        bucket=_bucket(read),
        bounce_listen=_bounce_listen(read),
        bounce_tls=read.certificate("BOUNCE_TLS"),
        hook_keys=_hook_keys(read),
        feedback_imap=_feedback_imap(read),
        feedback_maildir=read.folder("FEEDBACK_MAILDIR", None),
        log_level=read.one_of("LOG_LEVEL", LOG_LEVELS, "INFO"),
    )


def _public_url(read: Environment, host: str, port: int) -> str:
    default = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    text = read.text("PUBLIC_URL", default).rstrip("/")
    if not read.text("PUBLIC_URL") and not is_loopback(host):
        read.fault(f"PUBLIC_URL is needed, since HOST is {host}: set it to the https address readers use.")
        return UNKNOWN_URL
    parts = _split(text)
    if parts is None or parts[0] not in ("http", "https") or not parts[1]:
        read.fault(f"PUBLIC_URL is {text!r}: write it as https://tips.example.ca, without a path.")
        return UNKNOWN_URL
    if parts[0] == "http" and not is_loopback(parts[1]):
        read.fault(f"PUBLIC_URL is {text}, plain http off this machine: use https, since links are secrets.")
    return text


def _split(url: str) -> tuple[str, str] | None:
    """Return the scheme and host of an address that has nothing but these and a port."""
    try:
        parts = urlsplit(url)
        bare = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
        return (parts.scheme, parts.hostname or "") if bare and parts.port != 0 else None
    except ValueError:
        return None


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _password(url: str) -> str:
    return urlsplit(url).password or ""


def _smtp(read: Environment) -> tuple[SmtpServer, ...]:
    try:
        return read_smtp_urls(read.secret("SMTP_URL"))
    except SmtpUrlFault as fault:
        read.fault(f"SMTP_URL {fault}.")
        return ()


def _mail_from(read: Environment, public_host: str, *, tryout: bool) -> str:
    default = f"tips@{TRYOUT_DOMAIN if is_loopback(public_host) else public_host}"
    text = read.text("MAIL_FROM", default)
    try:
        address = parse_address(text)
    except AddressFault:
        read.fault(f"MAIL_FROM is {text!r}: give one plain address, such as tips@example.ca.")
        return default
    if address.domain in FOREIGN_SENDERS and not tryout:
        read.fault(f"MAIL_FROM is at {address.domain}, which refuses such mail: use a domain of your own.")
    return str(address)


def _refuse_combinations(read: Environment, host: str, public_url: str, smtp: tuple[SmtpServer, ...]) -> None:
    if public_url == UNKNOWN_URL:
        return
    local = is_loopback(_host(public_url))
    if local and not is_loopback(host):
        read.fault(
            f"HOST is {host}, open to other machines, but PUBLIC_URL is {public_url}:"
            " set PUBLIC_URL to the https address readers use, or HOST to 127.0.0.1."
        )
    # A fault of SMTP_URL itself leaves no servers; it must not be told as an outbox.
    wants_outbox = not smtp and not any(fault.startswith("SMTP_URL") for fault in read.faults)
    if wants_outbox and read.text("PUBLIC_URL") and not local:
        read.fault(
            f"SMTP_URL is not set, so no mail would ever leave, but PUBLIC_URL is {public_url}:"
            " set SMTP_URL to your mail server, or take PUBLIC_URL out to try things on this machine."
        )
    if local and not all(is_loopback(server.host) for server in smtp):
        read.fault(
            f"SMTP_URL names a server elsewhere, but PUBLIC_URL is {public_url}, which no reader can open:"
            " set PUBLIC_URL to the https address readers use."
        )


def _database_url(read: Environment, data_dir: Path, root: Path) -> str:
    text = read.secret("DATABASE_URL") or f"sqlite:///{data_dir / 'newsletter.sqlite3'}"
    for prefix in POSTGRESQL:
        if text.startswith(prefix):
            return POSTGRESQL[0] + text.removeprefix(prefix)
    path = text.removeprefix("sqlite:///")
    if path == text or path in ("", ":memory:"):
        read.fault("DATABASE_URL must begin with postgresql:// or be sqlite:/// and the path of a file.")
    return f"sqlite:///{root / path}"


def _redis_url(read: Environment) -> str | None:
    text = read.secret("REDIS_URL")
    if text and not text.startswith(("redis://", "rediss://")):
        read.fault("REDIS_URL must begin with redis:// or rediss://, such as redis://127.0.0.1:6379/0.")
    elif text.startswith("redis://") and not _password(text) and not is_loopback(_host(text)):
        read.fault("REDIS_URL names a server elsewhere that asks for no password: add one, or use rediss://.")
    return text or None


def _bucket(read: Environment) -> Bucket | None:
    try:
        return read_bucket_url(read.secret("MEDIA_URL"))
    except BucketFault as fault:
        read.fault(f"MEDIA_URL {fault}.")
        return None


def _bounce_listen(read: Environment) -> Place | None:
    try:
        return read_place(read.text("BOUNCE_LISTEN"))
    except PlaceFault as fault:
        read.fault(f"BOUNCE_LISTEN {fault}.")
        return None


def _hook_keys(read: Environment) -> dict[str, tuple[str, ...]]:
    try:
        return read_hook_keys(read.secret("FEEDBACK_HOOK_KEYS"))
    except HookKeyFault as fault:
        read.fault(f"FEEDBACK_HOOK_KEYS {fault}.")
        return {}


def _feedback_imap(read: Environment) -> ImapUrl | None:
    try:
        return read_imap_url(read.secret("FEEDBACK_IMAP_URL"))
    except ImapUrlFault as fault:
        read.fault(f"FEEDBACK_IMAP_URL {fault}.")
        return None


def _keys(read: Environment, name: str, data_dir: Path) -> tuple[str, ...]:
    text = read.secret(name)
    if not text:
        folder = data_dir / "keys"
        try:
            # It holds every address: nobody else on the machine is to look in.
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            text = keys.make_once(folder, name.lower())
        except (OSError, UnicodeDecodeError) as fault:
            reason = getattr(fault, "strerror", None) or "not a text file"
            read.fault(
                f"DATA_DIR is {data_dir}, where keys cannot be kept ({reason}): name a folder of your own."
            )
            return ("",)
    found = tuple(text.replace(",", " ").split()) if name == "LINK_KEYS" else (text,)
    for place, key in enumerate(found, start=1):
        if (reason := keys.weakness(key)) is not None:
            which = f"key {place} of {name}" if len(found) > 1 else name
            read.fault(f"{which} {reason}: make one with `openssl rand -hex 32`.")
    return found or ("",)


def _owner(folder: Path) -> int:
    # The owner, not the caller: an operator's command run as root must ring the same broker.
    return folder.stat().st_uid if folder.exists() else os.getuid()
