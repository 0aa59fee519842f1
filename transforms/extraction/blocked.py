"""Pages that answered but are not the article: challenges, consent walls, paywall stubs, soft 404s, logins.

trafilatura extracts all of them as articles (measured), so they are recognised before and after extraction. Each rule
needs both the wording and the lack of an article: a story about captchas or paywalls is long and stays.
"""

import functools
import re
from collections.abc import Sequence
from typing import Any

from transforms.extraction.folding import fold

FULL_ARTICLE, _FLASH = 1500, 80
"""Characters of text above which wording alone never condemns a page."""
_CHALLENGE = re.compile(
    r"just a moment|checking (?:if the site|your browser)|verif(?:y|ying) (?:that )?you are (?:a )?human|"
    r"enable javascript and cookies to continue|"
    r"are you a robot|unusual traffic|attention required|ddos protection by|ray id|"
    r"making sure you'?re not a bot|security check|"
    r"un instant|verifiez que vous etes (?:un )?humain|verification de (?:votre navigateur|securite)|"
    r"activez javascript et les cookies pour|"
    r"تحقق من انك (?:انسان|بشر)|جار التحقق|لحظه من فضلك"
)
_CONSENT = re.compile(
    r"\b(?:cookies?|traceurs|tracking|consent\w*|consentement|rgpd|gdpr)\b|ملفات تعريف الارتباط|\bkukis\b"
)
_CONSENT_ACT = re.compile(
    r"\b(?:accepte[rz]?|tout accepter|accept(?: all)?|continuer sans accepter|refuse[rz]?|agree|"
    r"manage (?:your )?(?:choices|preferences)|"
    r"partners|partenaires|abonnez-vous pour|na yarda)\b|موافق|قبول"
)
_PAYWALL = re.compile(
    r"(?:article|contenu|suite)[^.]{0,40} (?:reserve|reservee?)s? (?:a nos|aux) abonnes|reserve aux abonnes|"
    r"abonnez-vous pour (?:lire|continuer|acceder)|"
    r"pour lire la suite[^.]{0,60}(?:abonn|connect|inscri)|il vous reste \d+ ?% (?:de cet article )?a (?:lire|"
    r"decouvrir)|deja abonne|"
    r"subscribe (?:now )?to (?:read|continue|keep reading)|(?:this|the) (?:article|content|story) is (?:for|"
    r"reserved for|available to|only available to)"
    r"[^.]{0,30}(?:subscribers|members)|already a subscriber|to continue reading|"
    r"you have reached your (?:limit|free)|sign in to read|"
    r"(?:المقال|المحتوي|هذا المقال)[^.]{0,30}للمشتركين|اشترك (?:لمتابعه|لقراءه|لمواصله)|للمشتركين فقط|"
    r"ga masu rajista kawai|sai ka yi rajista"
)
_MISSING = re.compile(
    r"\b(?:error|erreur|http) ?404\b|^404(?=\s*(?:$|[-:|!]|not|page|error|erreur))|page (?:introuvable|non trouvee|not found|inexistante)|(?:page|article|"
    r"contenu|content|story)[^.]{0,40}"
    r"(?:n'existe (?:pas|plus)|introuvable|est introuvable|a ete (?:supprime|deplace|retire)e?|does not exist|"
    r"doesn'?t exist|no longer (?:exists|available)|"
    r"could not be found|can'?t be found|cannot be found|has been (?:removed|moved|deleted))|"
    r"^nothing (?:was )?found|^rien trouve|^not found|^oops\b|^oups\b|"
    r"الصفحه (?:غير موجوده|المطلوبه غير)|(?:غير موجوده?|لم يتم العثور)|ba a samu (?:shafin|wannan)|"
    r"shafin (?:ba ya|da kake nema)"
)
_LOGIN = re.compile(
    r"^(?:se connecter|connexion|identifiez-vous|log ?in|sign ?in|login required|member login|تسجيل الدخول|"
    r"دخول|shiga)\b"
)
_LOGIN_TEXT = re.compile(
    r"mot de passe (?:oublie)?|forgot (?:your )?password|remember me|se souvenir de moi|كلمه (?:المرور|السر)|"
    r"kalmar sirri"
)


_PASSWORD = re.compile(rb"""(?i)<input[^>]{0,300}type\s*=\s*["']?password""")
_CHALLENGE_MARKS = (
    b"cf-chl",
    b"challenge-form",
    b"h-captcha",
    b"g-recaptcha",
    b"cf-turnstile",
    b"/cdn-cgi/challenge-platform/",
)


class Visible:
    """What a reader sees of a page, the beginning of it; made when somebody asks, which long articles give no cause to."""

    def __init__(self, written: str) -> None:
        self._written = written

    @functools.cached_property
    def text(self) -> str:
        """As one line."""
        return " ".join(self._written[:200_000].split())[:60_000]

    def is_shorter(self, limit: int) -> bool:
        """Whether it has fewer characters; the first few thousand of the page mostly tell."""
        return len(" ".join(self._written[: 8 * limit].split())) < limit and len(self.text) < limit


def refusal_before(source: bytes, title: str, visible: Visible) -> tuple[str, str] | None:
    """(reason, message) for a page whose markup alone tells that it is a challenge, else None."""
    # Cloudflare puts its script on ordinary pages too: the mark alone says nothing
    worded = _CHALLENGE.search(fold(title)) or (visible.is_shorter(800) and _CHALLENGE.search(fold(visible.text)))
    if worded and any(mark in source for mark in _CHALLENGE_MARKS):
        return "BOT_CHALLENGE", f"challenge page {title[:80]!r}"
    return None


def refusal_after(source: bytes, title: str, text: str, visible: Visible) -> tuple[str, str] | None:
    """(reason, message) for a page that gave a ``text`` which is no article, else None."""
    if len(text) >= FULL_ARTICLE:
        return None
    head, seen, body = fold(title), fold(visible.text[:6000]), fold(text)
    if _CHALLENGE.search(head) or (_CHALLENGE.search(body or seen) and len(text) < 700):
        return "BOT_CHALLENGE", f"challenge page {title[:80]!r}"
    if len(text) < 600 and (_MISSING.search(head) or (len(text) < 300 and _MISSING.search(body))):
        return "SOFT_404", f"the page says that there is nothing: {title[:80]!r}"
    if (
        len(text) < 600
        and _PASSWORD.search(source)
        and (_LOGIN.search(head) or _LOGIN_TEXT.search(body) or (len(text) < _FLASH and _LOGIN_TEXT.search(seen)))
    ):
        return "BLOCK_PAGE", f"login page {title[:80]!r}"
    if len(text) < 900 and len(_CONSENT.findall(body or seen[:900])) >= 2 and _CONSENT_ACT.search(seen):
        return "BLOCK_PAGE", "consent or cookie wall"
    return None


def is_paywalled(documents: Sequence[dict[str, Any]], text: str, visible: Visible) -> bool:
    """Whether the page shows the beginning only: it says so in JSON-LD or in words, and the text is short."""
    free = [str(d.get("isAccessibleForFree")).lower() for d in documents if d.get("isAccessibleForFree") is not None]
    if any(answer.endswith("false") for answer in free) and len(text) < 2 * FULL_ARTICLE:
        return True
    return len(text) < FULL_ARTICLE and _PAYWALL.search(fold(visible.text)) is not None


def before_wall(text: str) -> str:
    """The paragraphs of a text that stand before the first one that speaks of the paywall."""
    kept: list[str] = []
    for paragraph in text.split("\n"):
        if len(paragraph) < FULL_ARTICLE and _PAYWALL.search(fold(paragraph)):
            break
        kept.append(paragraph)
    return "\n".join(kept)


def is_listing(tree: Any, metas: dict[str, str], documents: Sequence[dict[str, Any]], url: str, text: str) -> bool:
    """Whether the page is a front page or a list of articles rather than one."""
    if documents or metas.get("article:published_time"):
        return False
    path = re.sub(r"^https?://[^/]+", "", url).split("#")[0]
    if path in {"", "/"} or re.fullmatch(
        r"/(?:index\.(?:php|html?|aspx?)|default\.aspx|home|accueil|fr|en|ar|ha|pt)/?", path.lower()
    ):
        return len(text) < 2 * FULL_ARTICLE or len(tree.xpath("//article")) > 3
    kind = metas.get("og:type", "").lower()
    return kind == "website" and len(tree.xpath("//article | //h2[a] | //h3[a]")) >= 8 and len(text) < FULL_ARTICLE
