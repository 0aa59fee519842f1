"""Words and patterns of modes in folded text: what is past, to come, ruled out, untrue, judged or counted over months."""

import re

PLUPERFECT = frozenset(
    ("avait", "avaient", "s'etait", "s'etaient", "had been", "had already", "had seized", "كان قد", "كانت قد", "كانت",
     "وكان", "وكانت")
)  # fmt: skip
OF_OBJECT = re.compile(r"(?:the|of|de|d'|ta|na) ?\d{4}|.*\bعام \d{4}")
WITHOUT = frozenset(("sans", "without", "دون", "بدون", "ba tare da", "ba su", "bai", "ba ta"))
FUTURE = {
    "fr": re.compile(r"\b(?:va|vont)(?: \w+){0,2} \w+(?:er|ir|re)\b|\b\w{2,}(?:er|ir|dr|ttr|ir)(?:a|ont)\b"),
    "ar": re.compile(r"(?<!\w)و?س(?:ي|ت)(?!ار|اس|طر|د|ول|ن|ر|ت|ه|اد|ا\b|ف|ك\b)\w{3,}"),
}
"""Future forms: "va signer", "signeront", "سيزور"; words that merely look like them are barred."""
NO_FUTURE = frozenset(("opera", "camera", "sierra", "libera", "ira", "agora"))
AFTER_NOUN = re.compile(
    r"(?<!\w)[وف]?(?:قرب|في|الي|نحو|باتجاه|علي|مدينه|بلده|قريه|منطقه|ولايه|اقليم|محافظه|دائره|شمال|جنوب|شرق|غرب|وسط) $"
)
"""Words that a noun follows and no verb: "قرب سيكاسو" is near Sikasso."""
LAST_YEAR = ("bara", "a bara")
"""Last year in Hausa; with a capital a town of Kordofan."""
AGREED = re.compile(
    r"\b(?:agreed|decided|vowed|pledged|promised|resolved|convenu|decide|promis|engagee?s?|amince|alkawari|yanke shawarar)\b(?: \w+){0,2} $"
    r"|(?<!\w)و?(?:اتفق|قرر|تعهد|وعد)\w*(?: \w+){0,4} $"
)
"""What stands before the day on which a step was agreed on."""
TO_DO = re.compile(r",? (?:to|de|d'|a|qu'|que|that|cewa|su|ta|za su|za ta|علي|ان|بان) ?")
"""What stands between that day and the step: "agreed on Monday to reopen the border"."""
TO_COME = re.compile(
    r"\W*(?:(?:(?:a suivre|a l'agenda|a venir|au menu|au programme|agenda|rendez-vous|coming up|(?:on|in) the (?:calendar|diary|agenda)|diary|to watch"
    r"|what to watch|what's ahead|looking ahead|look ahead|still to come|nan gaba|abubuwan da ke tafe"
    r"|abubuwan da za a sa ido|للمتابعه|اجنده|علي جدول الاعمال"
    r"|مواعيد|احداث مرتقبه)"
    r"(?: (?:for |in |of |de |du |pour )?(?:this|the coming|the|next|cette|la|prochaine?|الاسبوع|هذا|هذه|القادم"
    r"|المقبل|في|a|na|wannan|makon?|week|semaine|month|mois|days?|jours?"
    r"|ahead|gobe|mai zuwa))*"
    r"|cette semaine a suivre|(?:in )?(?:the|this|your) (?:week|month|days?) (?:ahead|to come)|(?:la"
    r"|cette) semaine (?:a venir|qui vient)|(?:la )?semaine prochaine"
    r"|makon (?:da ke tafe|mai zuwa)|الاسبوع (?:المقبل|القادم)))(?= ?(?:[:,–-]|$|\n))"
)
"""Under such a word at the head of a sentence stands what is to come, in the present tense: "À suivre : les ministres se retrouvent"."""
TO_HAVE = re.compile(r",? (?:avoir|s'etre|etre|to have|having) ")
"""What follows a verb of saying whose own deed is told: "affirme avoir riposté jeudi"."""
UNTIL = re.compile(
    r"(?:\b(?:until|till|jusqu'(?:au|a|en)|har zuwa|har sai|har)|(?<!\w)(?:حتي|الي غايه|لغايه))(?!\w)(?: (?:the|le|la|l'|ranar|watan|karshen|mid|early"
    r"|late|at|least|next|end|of|fin|du|mois|d'|de|soir|matin|midi|يوم|شهر|نهايه|مطلع|مساء|صباح))* ?$"
)
"""Words before the day on which something ends."""
UNTIL_STEMS = ("until", "till", "jusqu'", "har ", "حتي", "غايه")
"""One of these is in whatever ``UNTIL`` matches."""
BEFORE = ("before", "avant", "kafin", "قبل")
SINCE_THEN = re.compile(
    r"\b(?:has since|have since|had since|(?:a|ont|avait|avaient) depuis|tun daga (?:nan|lokacin)|that (?:same )?year|the same year|years? later"
    r"|cette annee-la|la meme annee|ans? plus tard|waccan shekara\w*|shekarar nan)\b|(?<!\w)(?:ومنذ ذلك|منذ ذلك|(?:في )?العام نفسه|ذلك العام)"
)
"""What sums up the steps that rulers took after their coup, or says that they are old as well."""
SINCE = ("since", "depuis", "tun ", "منذ", "as of", "so far this year")
DURATION = re.compile(
    r"\b(?:for|depuis|pendant|durant|tsawon)\b(?: \w+){0,3} (?:weeks|months|years|semaines|mois|ans|makonni|watanni|shekaru)\b"
    r"|(?<!\w)(?:لمده|طوال|منذ)(?: \w+){0,2} (?:اسابيع|اشهر|سنوات|اعوام)"
)
FOILED = ("dejou", "foil", "thwart", "احبا", "احبط", "dakile")
HOSTS = {
    "fr": re.compile(r"\b(?:hebergea?i?(?:en)?t?|accueill(?:e|ent|ait|aient)|abrit(?:e|ent|ait|aient))\b"),
    "en": re.compile(r"\b(?:hosts|is hosting|was hosting|shelters|(?:is|was) sheltering|is home to|was home to)\b"),
    "ar": re.compile(r"(?<!\w)[وف]?(?:[يت]ستضيف|[يت]ووي)(?!\w)"),
    "ha": re.compile(r"\b(?:na karbar bakuncin|ta karbi bakuncin|na dauke da|na tsugunar da)\b"),
}
"""Verbs of sheltering people."""
WHEN = re.compile(r",? (?:when|quand|lorsqu|date a laquelle|lokacin)|،? (?:حين|عندما)")
"""What ties an act to the day since which something else goes on: "shut since 21 October, when gunmen killed"."""
RULED_OUT = re.compile(
    r"\b(?:is|was|are) (?:out of|not in) (?:the )?question\b|\b(?:est|sont) exclue?s?\b|(?<!\w)(?:غير وارد|ليس واردا|ليس مطروحا)"
)
"""What somebody says of an act that will not be done."""
RULED_OUT_STEMS = ("question", "exclu", "وارد", "مطروحا")
"""One of these is in whatever ``RULED_OUT`` matches; the next the same of ``UNTRUE``."""
UNTRUE_STEMS = ("n'en est rien", "c'est faux", "is untrue", "is not true", "ba gaskiya", "اساس له", "صحه ل")
CONDITION = re.compile(
    r"\W*(?:qu(?:e |')[^.;:]{2,80}? soi(?:t|ent) [^.;:]{2,80}?, et |should [^.;:,]{2,60} be [^.;:,]{2,60}, (?!and\b))"
)
"""A sentence that opens with what would have to happen: "Que l'oléoduc soit saboté, et ...", "Should it be closed, ..."."""
UNTRUE = re.compile(
    r"\b(?:il n'en est rien|c'est faux|that is untrue|this is untrue|it is not true|ba gaskiya ba ne)\b|(?<!\w)(?:لا اساس له|لا صحه ل)"
)
"""What somebody says of an act that was not done."""
COURT = re.compile(
    r"\b(?:condamn(?:e|es|ee|ees|ation)|jugee?s?|jugement|verdict|proces|acquitt\w+|reclusion|prison a vie|ans de prison|ans d'emprisonnement"
    r"|perpetuite|cour d'assises|a la barre|jailed|sentenced|sentences|convicted|convicts|tribunal|court.martial|on trial|tried for"
    r"|years in prison|life in prison|acquitted|(?:stand|stood|face|faces|facing|standing|went on) trial|hear(?:ing|s|d) the case"
    r"|yanke [\w ]{1,40}hukunci\w*|hukuncin|daurin rai|gurfan\w+ [\w ]{0,30}kotu)\b"
    r"|(?<!\w)و?(?:حكمت|قضت(?! عل)|ادان\w*|الحكم علي|بالسجن|بالاعدام|محاكمه|تحاكم)"
)
"""Words of a sentence passed on something that lies before."""
COURT_STEMS = (
    "condamn", "juge", "verdict", "proces", "acquitt", "reclusion", "prison", "perpetuite", "cour d'assises", "a la barre", "jailed",
    "sentence", "convict", "tribunal", "martial", "trial", "tried for", "the case", "hukunci", "daurin rai", "gurfan",
    "حكم", "قضت", "ادان", "بالسجن", "بالاعدام", "محاكمه", "تحاكم",
)  # fmt: skip
"""One of these is in whatever ``COURT`` matches."""
WEEKS = re.compile(r"week|semaine|mako|اسبوع|اسابيع")
LONG = re.compile(r"month|year|mois|an(?:s|nee)?\b|watanni|shekar|اشهر|عام|سنه|اعوام|سنوات")
JUST = re.compile(r"\b(?:vien(?:t|nent) d(?:e |')|(?:has|have) just)")
"""Words that make an act of a sentence with an old day news: "introduced in June 2022, has just been extended"."""
ANAPHOR = re.compile(
    r"\W*(?:(?:that|those) (?:\w+ )?(?:incidents?|attacks?|killings?|coup|clash|raids?|assault|massacre|strikes?|moves?|decision)"
    r"|(?:cette|cet|ce) (?:\w+ )?(?:incident|attaque|drame|coup d'etat|assaut|tuerie|massacre)\b.{0,40}\b(?:avait|avaient)"
    r"|و?(?:ذلك|تلك) ال\w+|wancan \w+)"
)
"""How a sentence opens that goes on with what the one before recalled."""
TOLD_AS_PAST = re.compile(
    r"\b(?:once before|it was (?:here|there) that|at the (?:start|beginning|height|outset) of the (?:crisis|war|conflict|rebellion|insurgency)"
    r"|(?:in|at|of|from|survived|after) the massacre (?:at|of|in)|until then|by then|was (?:the )?(?:\w+ )?(?:governor|minister|mayor|commander|chief) when"
    r"|(?:dans|lors|apres|depuis) (?:le|du) massacre d|c'est (?:la|ici) qu'|jusque-la|kafin haka|kafin nan)"
    r"|(?<!\w)و?(?:قبل ذلك ب\w+|حتي ذلك الحين|في مجزره)"
)
"""Words by which an undated act behind the opening of a report is one that readers know of."""
PAST_STEMS = (
    "once before", "it was", "of the crisis", "of the war", "of the conflict", "of the rebellion", "of the insurgency", "massacre",
    "until then", "by then", "governor when", "minister when", "mayor when", "commander when", "chief when", "c'est la qu'",
    "c'est ici qu'", "jusque-la", "kafin haka", "kafin nan", "قبل ذلك", "حتي ذلك", "مجزره",
)  # fmt: skip
"""One of these is in whatever ``TOLD_AS_PAST`` matches."""
THAT_DAY = re.compile(
    r"\b(?:ce (?:jour|soir|matin)-la|cette (?:nuit|annee|semaine)-la|that (?:day|night|morning|week|year))\b"
)
"""A day told before; with a pluperfect one that is recalled."""
QAD = re.compile(r"و?كان(?:ت|وا)?(?: \w+){0,6} قد (?!افاد|اعلن|قال|ذكر|اكد|صرح|حذر)")
CALLS = ("appel", "call", "دع", "تدعو", "يدعو", "kira")
"""What somebody calls for on a day is planned for it."""
PRESUPPOSED = ("CIV.ABDUCTION", "POL.ARREST", "CIV.BLOCKADE", "DIP.BORDER_CLOSE", "CIV.DISAPPEARANCE")
"""What must have happened for somebody to demand its end."""
MEANWHILE = re.compile(
    r"\b(?:alors que|tandis que|pendant que|while|at a time when|yayin da|a lokacin da)\b|(?<!\w)(?:بينما|في حين|في وقت كان)"
)
"""What ties an act to the time of another."""
DEMANDS = ("demand", "reclam", "exig", "nema", "bukat", "مطالب", "تطالب", "يطالب")
"""What protesters do; the protest itself took place."""
TOLD_YEAR = re.compile(r"(?:19|20)\d\d")
