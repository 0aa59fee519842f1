"""Furniture told by its words: short lines that every site of the region puts between or after the paragraphs.

French, English, Arabic and Hausa; matched on folded text (no case, accents or Arabic vowel signs). A rule may only take
a line that is short enough to be an invitation, a label or a credit and that has its shape: a sentence that merely
speaks of WhatsApp, cookies or a photograph stays.
"""

import re
from collections.abc import Sequence

from transforms.extraction import wire_credit
from transforms.extraction.folding import fold

MAX_LINE = 400
"""Characters above which a line is never furniture."""

_READ_ALSO = re.compile(
    r"^[\s\-•>»*\[(➡👉▶]*(?:"
    r"(?:a )?(?:lire|relire|voir|ecouter|decouvrir|retrouver)(?: aussi| egalement| encore| plus| la suite|"
    r" notre dossier)?"
    r" ?[:>»|]|(?:a )?(?:lire|voir|ecouter) (?:aussi|egalement)\b|lisez (?:aussi|egalement|encore)\b|"
    r"pour aller plus loin ?[:>]|"
    r"sur le meme (?:sujet|theme)\b|dans la meme (?:rubrique|categorie)|articles? (?:similaires?|lies?|"
    r"recents?|connexes?)|"
    r"lire la suite|en savoir plus ?[:>]?$|cela pourrait (?:aussi )?vous interesser|vous aimerez aussi|"
    r"nos autres articles|"
    r"(?:read|see|watch|listen|check|more)(?: also| more| next| on this| stories)? ?[:>»|]|also (?:read|see|"
    r"watch)\b|"
    r"(?:read|see) (?:also|more|next)\b|related(?: (?:articles?|stories|news|posts|topics|content))? ?:?$|"
    r"related(?: (?:articles?|stories|news|posts))? ?:|you may (?:also )?(?:like|be interested)|"
    r"recommended (?:for you|stories)|"
    r"more (?:on this story|from)\b[^.]{0,60}$|continue reading|don'?t miss ?:|"
    r"(?:ا?قرا|طالع|شاهد|انظر|اطلع|للمزيد|استمع)(?:وا)?(?: ايضا| المزيد| كذلك)? ?[:>»|]|"
    r"(?:ا?قرا|اقرؤوا|طالع|شاهد|انظر)(?:وا)? (?:ايضا|المزيد|كذلك)|"
    r"(?:مواضيع|مقالات|اخبار) (?:ذات (?:صله|علاقه)|مشابهه|متعلقه|ذات الصله)|قد يعجبك|قد يهمك|"
    r"(?:ku )?(?:karanta|duba|kalli|saurari) (?:kuma|karin|wannan|ma)\b|karin (?:labari|labarai|bayani) ?[:>]|"
    r"labarai? masu (?:alaka|nasaba|kama)|labarai masu dangantaka|ci ?gaba da karantawa"
    r")"
)
_CALL = re.compile(
    r"\b(?:rejoignez|rejoins|suivez|suis-nous|abonnez-vous|abonne-toi|inscrivez-vous|cliquez|telechargez|"
    r"retrouvez-nous|"
    r"recevez|partagez|likez|soutenez-nous|faites un don|envoyez|contactez-nous|"
    r"join|follow|subscribe|sign up|click here|tap here|download|get (?:our|the|all)|like us|find us|"
    r"support us|donate|"
    r"share this|stay (?:updated|informed|tuned)|"
    r"ku biyo|biyo mu|ku shiga|shiga (?:tashar|zauren)|ku danna|danna nan|latsa nan|yi rajista|ku yi rajista|"
    r"ku same mu|"
    r"bi mu|bibiye mu|sauke|ku kasance|ku bibiyi|tuntube mu|sauke manhajar)\b"
    r"|(?:^|[\s،.\-])(?:و?انضم(?:وا)?|و?تابع(?:وا|ونا|نا)?|و?اشترك(?:وا)?|اضغط|حمل(?:وا)? تطبيق|سجل(?:وا)?|"
    r"شارك(?:وا)?)(?=[\s:،]|$)"
)
_CHANNEL = re.compile(
    r"\b(?:whats ?app|telegram|facebook|twitter|instagram|tik ?tok|youtube|linkedin|google (?:news|actualites)|"
    r"newsletter|"
    r"infolettre|lettre d'information|boite mail|e-?mail|inbox|alertes?|alerts?|notifications?|"
    r"application mobile|mobile app|app|application|manhaj\w*|"
    r"chaine|channel|podcasts?|tashar\w*|imel)\b|"
    r"(?:واتس ?اب|تلغرام|تيليغرام|تليجرام|تيليجرام|فيسبوك|فايسبوك|تطبيق\w*|تويتر|انستغرام|يوتيوب|نشره?تنا|النشره|قناتنا|"
    r"بريد)"
)
_CLICK = re.compile(
    r"(?:\b(?:click|tap) here|\bcliquez ici|\b(?:ku )?(?:danna|latsa) nan|اضغط هنا)\b(?: (?:to|for|pour|don|domin)(?: \S+){1,6})?\W*$"
)
_PHOTO = re.compile(
    r"^[\[(]?\s*(?:(?:credits? )?(?:photos?|images?|videos?|illustrations?|infographie)(?: credits?| by)?\s*[:/©|-]"
    r"|(?:credits?|legende|ph\.?|pic|picture|caption|file photo|photo d'archives|image d'illustration|"
    r"photo d'illustration)"
    r"\s*(?:[:/©|-]|$)|©|\(c\)|(?:الصوره?|صوره?|تصوير|مصدر الصوره?|المصدر: صور)\s*[:/©|-]|صوره (?:ارشيفيه|"
    r"توضيحيه|تعبيريه)|"
    r"hoto(?:n|na)?\s*[:/©|-]|(?:asalin hoton|bayanan hoto)\b)"
)
_PHOTO_END = re.compile(
    r"(?:/\s*(?:getty images|afp|reuters|ap)|©\s*[\w ./-]{2,40}|\((?:photo|image|dr|hoto|"
    r"الصوره)[^)]{0,40}\))\s*\)?$"
)
_LABEL = re.compile(
    r"^(?:publicite|pub|annonces?|sponsorise|advert(?:isement|ising)?|ads?|sponsored(?: content)?|promoted|"
    r"اعلان(?:ات)?|talla|tallace-tallace|"
    r"partager?(?: (?:cet article|sur|la publication))?(?: ?:)?|share(?: (?:this|on|it))?(?: (?:story|article|"
    r"post|page))?(?: ?:.*)?|"
    r"شارك(?: (?:المقال|الخبر|هذا الخبر|علي))?(?: ?:.*)?|yada(?: wannan labari)?|raba (?:wannan )?labari|"
    r"imprimer|print(?: this)?|buga|طباعه|envoyer(?: par e-?mail)?|e-?mail|copier le lien|copy link|whatsapp|"
    r"telegram|facebook|twitter|x|"
    r"linkedin|pinterest|tweet(?:er)?|like this|loading\.*|chargement\.*|j'aime(?: ca)?|"
    r"ecouter(?: l'article| le direct)?|listen(?: to this article)?|استمع(?: الي المقال)?|saurari(?: labarin)?|"
    r"\d+ ?(?:vues?|views?|lectures?|commentaires?|comments?|reactions?|partages?|shares?|likes?|مشاهده|"
    r"مشاهدات|تعليق(?:ات)?|ra'ayoyi|sharhi)"
    r"|(?:lus?|visites?|vus?|vues|views|hits|clics|lectures|commentaires|comments) ?:? ?\d+(?: fois)?"
    r"(?: ?[-|•] ?(?:lus?|visites?|vus?|vues|views|hits|commentaires|comments|reactions) ?:? ?\d+(?: fois)?)*|"
    r"(?:aucun|pas de|no|0) (?:commentaires?|comments?|responses?)(?: yet)?|"
    r"(?:laisser|ajouter|poster|ecrire) (?:un|votre) commentaire.*|(?:leave|post|add|write) (?:a|"
    r"your) (?:comment|reply).*|"
    r"(?:اترك|اضف|اكتب) (?:تعليقا?|رد|ردا).*|(?:rubuta|bar|aje) (?:ra'ayi|sharhi).*|repondre|reply|رد|ردود|"
    r"التعليقات|تعليقات|commentaires?|comments?|"
    r"votre adresse e-?mail ne sera pas publiee.*|your email address will not be published.*|"
    r"لن يتم نشر عنوان بريدك.*|"
    r"(?:article|post|news)? ?(?:precedent|suivant|previous|next)(?: (?:article|post))?|retour (?:a l'accueil|"
    r"en haut)|back to top|"
    r"mots?[ -]cles? ?:.*|tags? ?:.*|etiquettes? ?:.*|topics? ?:.*|keywords? ?:.*|themes? ?:.*|"
    r"(?:الكلمات (?:المفتاحيه|الدلاليه)|الوسوم|وسوم) ?:.*|"
    r"(?:muhimman )?kalmomi ?:.*|classe(?: sous| dans) ?:.*|(?:filed|posted) (?:under|in) ?:?.*|categor(?:ie|y|"
    r"ies)s? ?:.*|"
    r"la suite apres (?:la |cette )?publicite|article continues (?:after|below).*|fin de la publicite|"
    r"temps de lecture ?:?.*|\d+ min(?:utes?)?(?: de lecture| read)?|reading time ?:?.*|مده القراءه ?:?.*)$"
)
_RIGHTS = re.compile(
    r"tous droits (?:de reproduction |d'auteur )?reserves|all rights reserved|rights reserved|"
    r"reproduction (?:meme partielle )?interdite|"
    r"toute reproduction|may not be (?:published|reproduced|republished|rewritten)|جميع الحقوق محفوظه|"
    r"حقوق النشر|an kiyaye hakkin|"
    r"hakkin mallaka|^(?:©|\(c\)|copyright)\s"
)
_COOKIES = re.compile(r"\bcookies?\b|ملفات (?:تعريف الارتباط|الارتباط|كوكيز)|\bkukis\b")
_CONSENT = re.compile(
    r"\b(?:accept|accepter|acceptez|utilis\w+|continu\w+|prefer\w+|consent\w*|agree|we use|refus\w+|navigation|"
    r"amfani|yarda)\b|"
    r"نستخدم|يستخدم|موافق|تجربه|بالمتابعه"
)
_BYLINE = re.compile(
    r"^(?:par|by|publie par|posted by|written by|ecrit par|propos recueillis par|redige par|daga|marubuci|"
    r"wallafawa|بقلم|كتب(?:ه|ته|ت)?|اعداد|تحرير)"
    r"(?: ?:)? (?P<name>.{2,100})$"
)
_DATE_LINE = re.compile(
    r"^(?:(?:publie|mis a jour|modifie|poste|actualise|date|published|updated|posted|last (?:updated|modified)|"
    r"نشر(?: في)?|تاريخ النشر|اخر تحديث|an wallafa|an sabunta|wallafawa|lokacin wallafa)\b.{0,80}|"
    r"[a-z'ء-ي]{0,12}[,،]? ?\d{1,2}(?:er)?[ ./-](?:[a-z]{3,10}|ga (?:watan )?[a-z]+|[ء-ي/ ]{3,25}|"
    r"\d{1,2})[ ./,،-]+\d{4}.{0,25})$"
)
_BREADCRUMBS = re.compile(
    r"^(?:(?:vous etes ici|you are here|انت هنا|kana nan) ?:? ?)?(?:accueil|home|homepage|الرئيسيه|الصفحه (?:الرئيسيه|الاولي)|"
    r"babban shafi|shafin farko) ?[>›»/|→•].{0,200}$"
)
_NOTICE = re.compile(
    r"^(?:read|view|see) the (?:original|full) (?:article|story|version|report)|^lire l'(?:article|original) (?:original|complet|"
    r"integral)|^advertise?ment\b.{0,30}scroll|^text ad ?:|^our standards ?:|^(?:suggested|related) topics ?:|"
    r"en savoir plus sur (?:cet|cette|l') ?(?:auteure?)|more (?:about|from|by) th(?:is|e) author|"
    r"^pour toute (?:information|publicite|demande|reclamation)[^.]{0,40}\b(?:contact|whatsapp|publicite|annonce)|"
    r"^vous avez une information|^(?:vous )?souhaitez-vous (?:reagir|contribuer)|^une (?:erreur|faute|coquille) dans|"
    r"(?:depeches|news stories|contenus?)[^.]{0,90}(?:maniere|forme) resumee|only a portion of the news stories|"
    r"contact us for subscription|contactez-nous[^.]{0,30}abonner|"
    r"responsible for their own content|(?:identify|produced or commissioned by) .{2,40}(?:publisher|commissioned)|"
    r"(?:views|opinions) expressed[^.]{0,80}(?:author|necessarily)|(?:n'engagent? que (?:(?:leur|son|l')s? ?auteur|(?:leurs?|son) avis))|"
    r"no media source currently available|code copie dans le presse-papier|the code has been copied|"
    r"^the (?:url|link) has been copied|^(?:l'|le )?(?:lien|url) a ete copie"
)
_APPEAL = (
    re.compile(
        r"\b(?:support\w*|donat\w+|contribut\w+|subscri\w+|abonn\w+|soutenir|soutenez|soutien|votre don|faire un don|taimakon|"
        r"tallafi\w*)\b|(?:تبرع|ادعم|دعمكم|اشتراك)"
    ),
    re.compile(
        r"\b(?:journalis\w+|newsroom|newspapers?|our (?:work|reporting|readers)|this (?:newspaper|site|website)|notre (?:journal|"
        r"redaction|travail|site|media)|nos lecteurs|jaridar\w*|news subscriptions|newsletters?)\b|صحافه|صحيفتنا|موقعنا"
    ),
    re.compile(
        r"\b(?:please|consider|help us|freely (?:accessible|available)|keeps?|as little as|monthly|today|aidez|independan\w+|independent|"
        r"gratuit\w*|integrity|credibility|unsubscribe|inbox|free)\b|من فضلك|مجانا|مستقل"
    ),
)
_QUOTE = re.compile(r"[«\"“]")
_A_SENTENCE = 80
_MAX_APPEAL, _MAX_WORDS = 900, 60
_SIGNATURE = re.compile(
    r"^[A-ZÀ-ÖØ-Þ][\w.'’-]*(?: (?:[A-ZÀ-ÖØ-Þ][\w.'’-]*|de|du|el|ag|ould|ben|dan)){0,4}(?: ?[,(/–-] ?(?:[^.!?]|\.(?=\w)){0,60}\)?)?$"
)
_PLACE = re.compile(r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ’' -]{2,30}(?:, [A-ZÀ-ÖØ-Þ][\w’' -]{2,30}|/[A-ZÀ-ÖØ-Þ][\w’' -]{2,30})")
"""A dateline on a line of its own: a town in capitals and its country ("DAKAR, Senegal")."""
_CREDIT = re.compile(r"^[\[(]?(?:sources?|avec|with|from|المصدر|المصادر|وكالات|majiya|tushe|daga)\b")
_NEEDLES = {
    "channel": (
        "whats", "telegram", "facebook", "twitter", "instagram", "tik", "youtube", "linkedin", "google", "newsletter",
        "infolettre", "lettre d'information", "mail", "inbox", "alert", "notification", "app", "manhaj", "chaine", "channel",
        "podcast", "tashar", "imel", "واتس", "غرام", "ليجرام", "سبوك", "تطبيق", "تويتر", "يوتيوب", "نشر", "قناتنا", "بريد",
    ),
    "click": ("click here", "tap here", "cliquez ici", "danna nan", "latsa nan", "اضغط هنا"),
    "rights": (
        "tous droits", "rights reserved", "reproduction", "may not be", "حقوق", "an kiyaye", "hakkin mallaka", "©", "(c)",
        "copyright",
    ),
    "notice": (
        "the original", "the full", "lire l'", "advertis", "text ad", "our standards", "topics", "savoir plus sur",
        "more about", "more from", "more by", "pour toute", "avez une information", "souhaitez-vous", "une erreur",
        "une faute", "une coquille", "resumee", "only a portion", "contact us for", "contactez-nous", "own content",
        "identify", "commissioned by", "expressed", "n'engage", "no media source", "code copie", "been copied",
        "a ete copie",
    ),
    "appeal": (
        "journalis", "newsroom", "newspaper", "our work", "our reporting", "our readers", "this site", "this website",
        "notre journal", "notre redaction", "notre travail", "notre site", "notre media", "nos lecteurs", "jaridar",
        "news subscription", "newsletter", "صحافه", "صحيفتنا", "موقعنا",
    ),
    "cookies": ("cookie", "kukis", "ملفات"),
}  # fmt: skip
"""By the patterns that are searched for in every line: strings of which every match holds one.

Looking for a string is a hundred times as fast as searching for such a pattern, and nearly no page has any. A test
derives from each pattern what it can match and holds these lists to it.
"""
MAX_LABEL_WORDS = 10
_AT_END = 0.5
_SENTENCE_END = re.compile(r"[.!?؟…。！？۔।»”\"')\]]\s*$")


def sift(paragraphs: Sequence[str], *, title: str = "") -> tuple[list[str], list[str]]:
    """(kept, dropped) paragraphs in order.

    A heading such as "Sur le même sujet" near the end takes its list along; short lines without an end before the first
    and after the last sentence (sections, signatures, tags) go too, unless they are credits of the text.
    """
    kept: list[str] = []
    dropped: list[str] = []
    folded_title = fold(title).strip(" .")
    listing = False
    paragraphs = _behind_headline(paragraphs, folded_title)
    total = sum(len(p) for p in paragraphs)
    labels = sum(len(p) for p in paragraphs if _is_label(p)) < _AT_END * total or (
        total < MAX_LINE and any(len(p) >= _A_SENTENCE and _SENTENCE_END.search(p) for p in paragraphs)
    )
    lines = [fold(paragraph) if len(paragraph) <= MAX_LINE else "" for paragraph in paragraphs]
    said = needles_in("\n".join(lines))
    for position, (paragraph, folded) in enumerate(zip(paragraphs, lines, strict=True)):
        if (
            MAX_LINE < len(paragraph) <= _MAX_APPEAL
            and position > _AT_END * len(paragraphs)
            and is_appeal(fold(paragraph))
        ):
            dropped.append(paragraph)
            continue
        if listing and folded and not _SENTENCE_END.search(paragraph):
            dropped.append(paragraph)
            continue
        listing = False
        if not folded:
            kept.append(paragraph)
        elif _READ_ALSO.match(folded):
            dropped.append(paragraph)
            # a bare heading near the end is followed by the headlines it announces
            listing = len(folded) < 40 and not re.search(r"[:>] ?\S", folded) and position > _AT_END * len(paragraphs)
        elif is_furniture_line(paragraph, first=not kept, title=folded_title, said=said) or (
            labels and not kept and _is_label(paragraph) and not _opens_text(paragraph, paragraphs[position + 1 :])
        ):
            dropped.append(paragraph)
        else:
            kept.append(paragraph)
    for position in range(len(kept) - 1, max(0, len(kept) - 8) if labels else len(kept), -1):
        line = kept[position]
        if not (_is_label(line) or _is_signature(line)):
            break
        if not is_credit(line):
            dropped.append(kept.pop(position))
    return kept, dropped


def _behind_headline(paragraphs: Sequence[str], title: str) -> Sequence[str]:
    """The paragraphs behind a line that is the headline, when nothing but labels (menu, section) stands before it."""
    for position, paragraph in enumerate(paragraphs[:-1]):
        if title and fold(paragraph).strip(" .") == title:
            return paragraphs[position + 1 :]
        if not _is_label(paragraph):
            break
    return paragraphs


def _is_label(line: str) -> bool:
    """A short line that does not end like a sentence."""
    return len(line.split()) <= MAX_LABEL_WORDS and len(line) <= 100 and not _SENTENCE_END.search(line)


def _opens_text(label: str, following: Sequence[str]) -> bool:
    """Whether a label in front of the first sentence belongs to the text: a dateline, or a heading like the next one."""
    if wire_credit.agency_of_dateline(label) or _PLACE.fullmatch(label):
        return True
    return label.isupper() and any(line.isupper() and _is_label(line) for line in following[:-1])


def _is_signature(line: str) -> bool:
    """A line below the text that says who wrote it and when."""
    if len(line) > 120:
        return False
    folded = fold(line)
    return (
        _SIGNATURE.match(line) is not None or _BYLINE.match(folded) is not None or _DATE_LINE.match(folded) is not None
    )


def is_appeal(folded: str) -> bool:
    """Whether a folded paragraph asks for support or a subscription: the wish, the paper, the plea, and nobody quoted."""
    return "«" not in folded and '"' not in folded and "“" not in folded and all(p.search(folded) for p in _APPEAL)


def needles_in(folded: str) -> dict[str, list[str]]:
    """The needles that a folded text holds, by the patterns that need one."""
    return {name: [needle for needle in needles if needle in folded] for name, needles in _NEEDLES.items()}


def _holds(folded: str, needles: list[str]) -> bool:
    return any(needle in folded for needle in needles) if needles else False


def is_furniture_line(
    line: str, *, first: bool = False, title: str = "", said: dict[str, list[str]] | None = None
) -> bool:
    """Whether a line is a label, an invitation, a credit of a picture or a legal notice.

    ``first``: nothing of the article came before, so that a repeated title, a byline or a date line is one too;
    ``title`` is folded. ``said`` are the needles in a text that holds the line.
    """
    words = len(line.split())
    if words > _MAX_WORDS:
        return False
    folded = fold(line)
    said = needles_in(folded) if said is None else said
    if words <= 25 and _LABEL.match(folded.strip(" .:|-•")):
        return True
    if (
        words <= 45
        and _holds(folded, said["channel"])
        and _CALL.search(folded)
        and _CHANNEL.search(folded)
        and "«" not in folded
        and '"' not in folded
    ):
        return True
    if words <= 45 and _holds(folded, said["click"]) and _CLICK.search(folded) and not _QUOTE.search(folded):
        return True
    if words <= 30 and (_PHOTO.match(folded) or (words <= 20 and _PHOTO_END.search(folded))) and not is_credit(line):
        return True
    if words <= 45 and (
        (_holds(folded, said["rights"]) and _RIGHTS.search(folded))
        or (_holds(folded, said["notice"]) and _NOTICE.search(folded))
    ):
        return True
    if words <= 40 and _BREADCRUMBS.match(folded):
        return True
    if _holds(folded, said["appeal"]) and is_appeal(folded):
        return True
    if _holds(folded, said["cookies"]) and _COOKIES.search(folded) and _CONSENT.search(folded):
        return True
    if first and words <= 14 and (_BYLINE.match(folded) or _DATE_LINE.match(folded)):
        return True
    return first and bool(title) and (folded.strip(" .") == title)


def is_credit(line: str) -> bool:
    """Whether a line is a credit of the text ("Source: …", "Avec AFP"), which stays with the article."""
    return _CREDIT.match(fold(line)) is not None or wire_credit.agency_of_credit(line) is not None
