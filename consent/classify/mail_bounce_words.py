"""What the words and codes of a failure say about the address, as tables. To extend one, add a row or an alternative.

Each row says whether the address is dead (`hard`), and whether the failure speaks of the address at all (`counts`): a
message refused for its content, its sender or our repute leaves the address as good as it was.
"""

import re
from typing import Final, NamedTuple


class Code(NamedTuple):
    status: str
    hard: bool
    counts: bool
    example: str


CODES: Final = (
    Code("5.1.1", True, True, "bad destination mailbox address"),
    Code("5.1.2", True, True, "bad destination system address: no such domain"),
    Code("5.1.3", True, True, "bad destination mailbox address syntax"),
    Code("5.1.6", True, True, "destination mailbox has moved, no forwarding address"),
    Code("5.1.10", True, True, "recipient address has null MX (RFC 7505)"),
    Code("5.4.4", True, True, "unable to route: no such host"),
    Code("5.1.7", False, False, "bad sender's mailbox address syntax"),
    Code("5.1.8", False, False, "bad sender's system address"),
    Code("5.2.1", False, True, "mailbox disabled, not accepting messages"),
    Code("5.2.2", False, True, "mailbox full"),
    Code("5.2.3", False, False, "message length exceeds administrative limit"),
    Code("5.3.4", False, False, "message too big for system"),
    Code("5.4.6", False, False, "routing loop detected"),
    Code("5.4.7", False, True, "delivery time expired"),
    Code("4.2.1", False, True, "mailbox disabled for a while"),
    Code("4.2.2", False, True, "mailbox full"),
    Code("4.4.1", False, True, "no answer from host"),
    Code("4.4.2", False, True, "bad connection"),
    Code("4.4.7", False, True, "delivery time expired"),
)
SOFT_SUBJECTS: Final = frozenset({"6", "7"})
"""RFC 3463: X.6.X is about the message's content, X.7.X about security and policy."""


class Words(NamedTuple):
    """Patterns over text in lower case with single blanks."""

    row: str
    pattern: str
    example: str


FULL: Final = (
    Words(
        "mailbox full",
        r"(?:mail ?(?:box|folder)|inbox|account|user|maildir)\S* (?:\S+ ){0,6}?(?:full|over ?quota|size limit)|quota|"
        r"mailbox (?:\S+ ){0,4}?exceed|exceed\S* (?:\S+ ){0,6}?(?:storage|quota|limit)|not enough (?:disk |"
        r"storage )?space|"
        r"insufficient (?:system )?storage|disk (?:is )?full|no space left|out of storage",
        "The e-mail account is over quota",
    ),
    Words(
        "mailbox full, other languages",
        r"postfach (?:\S+ ){0,5}?(?:voll|überfüllt)|(?:speicherplatz|kontingent) (?:\S+ ){0,4}?(?:voll|überschritten|"
        r"erschöpft)|"
        r"boîte (?:\S+ ){0,5}?(?:pleine|saturée)|buzón (?:\S+ ){0,5}?(?:lleno|llena)|cuota (?:\S+ ){0,3}?"
        r"(?:excedida|superada)|"
        r"casella (?:\S+ ){0,5}?piena|caixa (?:\S+ ){0,5}?cheia|(?:postvak|mailbox|postbus) (?:\S+ ){0,4}?vol\b|"
        r"skrzynka (?:\S+ ){0,4}?(?:pełna|przepełniona)|ящик (?:\S+ ){0,4}?переполнен|"
        r"(?:brevlådan|postlådan|inkorgen|postkassen|postboksen|indbakken) (?:\S+ ){0,3}?(?:full|fuld|fylld)|"
        r"postilaatikko (?:\S+ ){0,3}?täynnä|メールボックス.{0,20}(?:いっぱい|一杯|容量)|容量(?:オーバー|超過|不足)|"
        r"邮箱.{0,10}(?:已满|空间不足)|信箱已滿|posta kutusu (?:\S+ ){0,3}?dolu",
        "Das Postfach des Empfängers ist voll",
    ),
)
SUSPENDED: Final = (
    Words(
        "suspended",
        r"(?:account|mailbox|user|address) (?:\S+ ){0,4}?(?:disabled|suspended|inactive|deactivated|discontinued|"
        r"locked|expired)|"
        r"(?:disabled|inactive|suspended) (?:account|mailbox|user)|"
        r"(?:konto|postfach) (?:\S+ ){0,3}?(?:gesperrt|deaktiviert)|compte (?:\S+ ){0,3}?(?:désactivé|suspendu)|"
        r"cuenta (?:\S+ ){0,3}?(?:desactivada|suspendida)|conta (?:\S+ ){0,3}?(?:desativada|suspensa)|"
        r"account (?:\S+ ){0,3}?(?:sospeso|disattivato)",
        "This account has been disabled or discontinued",
    ),
)
UNCLEAR: Final = (
    Words(
        "refused without saying why",
        # RFC 5321 §4.2.3: mailbox not found, no access, or command rejected for policy reasons
        r"mailbox unavailable|recipient(?: address)? rejected|postfach (?:\S+ ){0,2}?nicht verfügbar",
        "550 Requested action not taken: mailbox unavailable",
    ),
)
UNREACHABLE: Final = (
    Words(
        "not reached for a while",
        r"time[sd]? ?out|timeout|expired|in the queue too long|queue lifetime|connection (?:refused|timed|reset)|"
        r"not responding|unreachable|not reachable|could not connect|unable to connect|"
        r"nicht erreichbar|zeitüberschreitung|injoignable|délai (?:\S+ )?dépassé|no se puede conectar",
        "Connection timed out; message has been in the queue too long",
    ),
)
SENDER: Final = (
    Words(
        "sender refused",
        r"sender (?:\S+ ){0,4}?(?:rejected|denied|refused|unknown|not exist|invalid|verif|domain)|\bfrom address\b|"
        r"(?:domain of|your) sender|you are not allowed|not authori[sz]ed|access denied|relaying|relay access|"
        r"(?:unable|permitted|cannot|not) (?:\S+ )?to relay|we do not relay|"
        r"authentication (?:is )?required|insufficient permission|not permitted|keine berechtigung|"
        r"(?:after|in reply to|error after sending|response to) mail from",
        "Sender address rejected: Domain not found",
    ),
)
REPUTE: Final = (
    Words(
        "authentication and repute",
        r"\b(?:spf|dkim|dmarc|ptr|rbl|dnsbl|rdns)\b|reverse dns|reverse (?:hostname|lookup)|spamhaus|spamcop|"
        r"black ?list|"
        r"block ?list|blocked|reputation|\bbanned\b|invalid ip|\bip address\b|unauthenticated|user complaints|"
        r"white ?list|(?:refus|reject|declin|block)\S* (?:by|at) (?:the )?"
        r"(?:recipient|owner|administrator|user|filter)\b(?! domain)|"
        r"not accept\S* (?:\S+ ){0,4}?from",
        "This message does not pass DMARC evaluation",
    ),
)
CONTENT: Final = (
    Words(
        "content",
        r"\bspam\b|junk mail|virus|malware|phish|content (?:filter|reject|refus)|too (?:large|big)|size (?:limit|"
        r"exceed)|"
        r"exceeds (?:\S+ ){0,3}?size|message (?:size|length)|attachment|polic(?:y|ies)|prohibited|bounced by|"
        r"rejected for|richtlinie|\bunzulässig|zu groß|trop (?:grand|volumineux)|demasiado grande",
        "Message rejected as spam by Content Filtering",
    ),
    Words(
        "after the message itself",
        # The recipient had been taken at RCPT TO: what is refused now is the message, by a filter that may not say so.
        r"(?:in reply to|after|response to|error after sending|rejected (?:at|after)) (?:the )?(?:end of )?"
        r"(?:data\b|message body|\.)|smtp command:? data\b|end[- ]of[- ](?:data|message)",
        "550 Unknown user (in reply to end of DATA command)",
    ),
)
LATER: Final = (
    Words(
        "to be tried again",
        r"tempor|try (?:again )?later|try again in|greylist|too many|rate limit|deferred|service refus|loop|"
        r"too many hops|system error|internal error|später (?:erneut|noch)|réessayer|más tarde|più tardi",
        "Greylisted, please try again later",
    ),
)
NO_HOST: Final = Words(
    "no such host",
    # Not "host mx.example said: user not found": that is what a server says of a person.
    r"(?<![\w.@-])(?:host|domain|server)(?:names?|s|'s)?:? "
    r"(?:(?!said|repl|answer|respon|user|recip|mailbox|account|address|person|\d{3}\b|\S*@)\S+ ){0,6}?"
    r"(?:unknown(?! user| recip| mailbox)|not found|not exist|couldn't be found|could not be found|nonexistent|"
    r"can't be found)|(?:unknown|no such|bad|invalid|nonexistent) (?:\S+ )?(?:host|domain)|nxdomain|no mx|null mx|"
    r"no route to host|name service error",
    "Host or domain name not found",
)
HARD: Final = (
    Words(
        "no such person",
        r"(?:user|recipient|mailbox|account|address|addressee|alias)\S* (?:\S+ ){0,5}?"
        r"(?:unknown|not (?:be )?found|not known|not listed|not recogni[sz]ed|invalid|does ?n[o']t exist|not exist|"
        r"does not have)|"
        r"(?:unknown|no such|invalid|nonexistent|non-existent|bad|not a valid|not a known|undeliverable|incorrect) "
        r"(?:\S+ ){0,2}?(?:user|recipient|mailbox|account|address|addressee|local|person|name)|"
        r"(?:doesn't|does not|didn't|do not) (?:\S+ ){0,2}?(?:have|exist)|no (?:mailbox|account)s? (?:here|by|with)|"
        r"no longer (?:valid|available|exists|works|active|with|employed|here|in use)|not our customer|"
        r"user ?id unknown|"
        r"has moved|no valid recipient|does not like recipient|not in (?:our|the|"
        r"my) (?:list|directory)|"
        r"cannot be (?:found|resolved)|unrouteable|unroutable|mailbox not (?:available|local)|recipnotfound|"
        r"not a registered",
        "550 5.1.1 No such user here",
    ),
    NO_HOST,
    Words(
        "no such person, other languages",
        r"(?:empfänger|adresse|benutzer|postfach)\S* (?:\S+ ){0,6}?(?:nicht gefunden|unbekannt|ungültig|"
        r"existiert nicht|nicht vorhanden)|unbekannte\w* (?:empfänger|benutzer|adresse)|"
        r"(?:destinataire|adresse|utilisateur|boîte)\S* (?:\S+ ){0,6}?(?:inconnu|introuvable|n'existe p(?:as|lus)|"
        r"invalide|inexistant)|"
        r"(?:usuario|destinatario|dirección|buzón|cuenta)\S* (?:\S+ ){0,6}?(?:desconocid|no existe|no encontrad|"
        r"inexistente|no válid)|"
        r"(?:utente|destinatario|indirizzo|casella)\S* (?:\S+ ){0,6}?(?:sconosciut|inesistente|non trovat|non esiste|"
        r"non valid)|"
        r"(?:usuário|utilizador|destinatário|endereço|caixa)\S* (?:\S+ ){0,6}?(?:desconhecid|inexistente|"
        r"não (?:foi )?encontrad|não existe|inválid)|"
        r"(?:gebruiker|ontvanger|adres)\S* (?:\S+ ){0,6}?(?:onbekend|niet gevonden|bestaat niet|ongeldig)|"
        r"onbekende (?:gebruiker|ontvanger)|"
        r"nieznany (?:użytkownik|odbiorca|adres)|(?:użytkownik|odbiorca|adres)\S* (?:\S+ ){0,4}?(?:nie istnieje|"
        r"nie został znaleziony)|nie znaleziono (?:adres|odbiorc|użytkownik)|"
        r"(?:пользователь|адрес|получатель|ящик)\S* (?:\S+ ){0,4}?(?:не найден|не существует|неизвестен)|"
        r"(?:mottagare|mottaker|modtager|användare|bruger)\S* (?:\S+ ){0,4}?(?:okänd|ukjent|ukendt|hittades inte|"
        r"finns inte|findes ikke|finnes ikke|ble ikke funnet|blev ikke fundet)|"
        r"vastaanottaja\S* (?:\S+ ){0,3}?(?:tuntematon|ei löydy|ei löytynyt)|"
        r"(?:kullanıcı|alıcı|adres)\S* (?:\S+ ){0,4}?(?:bulunamadı|geçersiz|bilinmiyor)|"
        r"宛先不明|(?:ユーザ|アドレス|宛先|受信者).{0,20}(?:存在しません|見つかりません|不明|見つかりませんでした)|"
        r"(?:用户|邮箱|收件人|地址|帐户|账号).{0,12}(?:不存在|未找到|无效)|无此用户|(?:사용자|수신자|주소).{0,12}"
        r"(?:없|찾을 수 없)",
        "Der Empfänger wurde nicht gefunden",
    ),
)
WITNESSES: Final = (
    NO_HOST,
    Words(
        "refused when the recipient was named",
        # RFC 5321 §4.3.2: an answer to RCPT TO is about that recipient; one to DATA is about the message
        r"(?<![\w-])rcpt\b|does not like recipient|recipient command|server has rejected address",
        "550 User not found (in reply to RCPT TO command)",
    ),
    Words(
        "the reporting program looked it up itself",
        r"not listed in (?:\S+ ){0,4}?(?:directory|book)|recipient name is not recogni[sz]ed|"
        r"invalid final delivery user|unrouteable|unroutable|unknown local[- ]part|"
        r"(?:mail\.local:|x-postfix;) unknown user",
        "User jane (jane@home.example) not listed in Domino Directory",
    ),
)
"""What makes *user unknown* without a code of its own believable. A filter before the mailbox says the same of a
message that it does not like; so without one of these, and without a code of the address, the address lives."""
FILTERING_HOSTS: Final = (
    "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "vodafone.ne.jp", "disney.ne.jp", "y-mobile.ne.jp",
    "ymobile.ne.jp", "i.softbank.jp", "willcom.com", "pdx.ne.jp", "wm.pdx.ne.jp", "uqmobile.jp", "biz.ezweb.ne.jp",
)  # fmt: skip
"""Japanese mobile carriers answer *user unknown* where the person's own filter refuses the sender's domain: their
word is no proof of a dead address, unless it repeats the address (`<jane@ezweb.ne.jp>: User unknown`)."""
RULE_BOUNCERS: Final = re.compile(r"^inbound-smtp\.[\w-]+\.amazonaws\.com$")
"""Reporting servers that had taken the message, and refuse it by a rule of the mailbox's owner, who chose the code and
the words, from a list of five."""
