"""Words around a place in folded text: who goes there, who is from there, what is spoken of by its kind."""

import re

MOVES = re.compile(
    r"(?:\b(?:towards?|vers|en direction de|direction de|en provenance de|parti(?:e|s|es)? de|venu(?:e|s|es)? de"
    r"|(?:evacue|transfere|transporte|conduit|achemine)(?:e|s|es)? (?:par (?:helicoptere|avion|ambulance|la route|voie aerienne) )?(?:a|sur|au|vers)"
    r"|(?:evacuated|flown|driven|airlifted|taken|rushed|moved|transferred)(?: by \w+| out)? to"
    r"|hospital in|hopital (?:de|d')|coming from|arrived from|travelling from|returning from|isowar .{0,24}daga|nufi|nufin"
    r"|(?:taso|fito|tsallako|shigo|kwararo|zo) daga(?: (?:bangaren|yankin|cikin|kasar|jihar))?"
    r"|head(?:ed|ing) (?:for|to)|bound for|on (?:its|his|her|their|the) way (?:to|from)|en route (?:to|vers|pour)|returned? from"
    r"|a destination de|en partance pour|retour d[eu]|rend(?:ait|aient|ant) a|regagn\w+|ralli\w+)"
    r"|باتجاه|نحو|قادم\w* من|متوجه\w* الي|متجه\w* الي|في طريق\w* الي|عائد\w* من|و?نقل\w* الي)"
    r"\s+(?:la |le |les |l'|du |the |reserve (?:de |du )|foret (?:de |du )|camps? d(?:e |')|ville de |birnin |garin )*$"
    r"|\b(?:retour|venus?|venue|parti|partis|provenance) d'$"
)
"""Words before the place that somebody goes to or comes from, in folded text."""
FLED = re.compile(
    r"(?:\b(?:fled|flee|fleeing|escaping|fui|fuir|fuyant|gudu daga|gudo daga|tsere daga|tsero daga|gudun \w+ (?:a|daga)"
    r"|(?:deported|expelled|driven|pushed back|sent back) from|(?:refoule|expulse|chasse|reconduit)(?:e|s|es)? d(?:e|u|es)|koro \w+ daga)\b"
    r"|(?<!\w)(?:هربا من|فار\w+ من|فروا من|نزحوا من|رحلوا من|مرحل\w* من|طردوا من|ابعدوا من))(?P<gap>[^,.;،]{0,40})$"
)
"""Words before a place that people fled or were driven from, rather than where they are."""
REFUGE = re.compile(
    r"(?:\brefugi\w+ (?:a|au|en|dans)|\b(?:left|leaving|quitte|quittant)(?: the| le camp de| la ville de| la)?"
    r"|\b(?:refugees|sheltering|exile) in|gudun hijira a|(?<!\w)(?:لاجيين|نازحين) في)\s+(?:\w+ )?$"
)
"""Words before a place that people who come home were in till then."""
ORIGIN = re.compile(
    r"(?:\b(?:originaires? d(?:e|u|es)|natifs? d(?:e|u|es)|natives? of|(?:people|men|women|families|herders|traders|farmers|drivers|refugees"
    r"|migrants|asylum seekers|youths|relatives|delegates|delegations?|arrivals) from|(?:mutane|manoma|makiyaya|fasinjoji|baki|'yan gudun hijira) daga)"
    r"|(?<!\w)(?:\w+(?:ون|ين) من|من ابناء|من سكان|من اهالي|ينحدر\w* من))\s+(?:the |la |le |les |l'|مقاطعه |منطقه |ولايه |بلده |قريه )?$"
)
"""Words before a place that somebody is from."""
ORIGIN_STEMS = ("originaire", "natif", "native", " from", " daga", "من")
"""One of these is in whatever ``ORIGIN`` matches."""
AWAY = re.compile(
    r"(?:\b(?:from|towards?|(?:bound|heading|headed|heads|left) for"
    r"|(?:fled|flee|fleeing|escaped?|returned|returning|deported|taken|driven|back|way|road) (?:back )?to"
    r"|venue?s? d[eu]|en provenance d[eu]|entree?s? (?:du|depuis)|depuis|vers|en direction d[eu]|parti(?:e|s|es)? pour"
    r"|(?:chemin|route|retour) du|regagne\w*|arrivee?s? d[eu]|infiltree?s? d[eu]|daga(?: cikin)?|nufi|(?:gudu|tsere|koma|kora \w+) zuwa)"
    r"|(?<!\w)(?:قادم\w* من|قدم\w* من|تسلل\w* من|جاوو?ا من|انطلق\w* من|عبر\w* من|عايد\w* من|(?:فر|هرب|نقل|عاد)\w* الي|باتجاه|نحو|صوب))"
    r"\s+(?:le |la |l'|the |neighbouring |neighboring |nearby |northern |southern |eastern |western |kasar |makwabciyar |makwabciya |دوله )*$"
)
"""Words before a country that somebody comes from or goes back to; what is done "into" a country is done there."""
LED = re.compile(r"(?:من|الي|في|عن|بين) ")
"""Prepositions that an Arabic country is found with."""
AWAY_STEMS = (
    "from", "toward", " for", " to", "venu", "provenance", "entre", "depuis", "vers", "direction", "parti", "chemin", "route",
    "retour", "regagn", "arrive", "infiltr", "daga", "nufi", "zuwa", "من", "الي", "باتجاه", "نحو", "صوب",
)  # fmt: skip
"""One of these is in whatever ``AWAY`` matches."""
TOPIC = re.compile(
    r"(?:\b(?:situation|crise|securite|insecurite|conflit|guerre|paix|violences?|degradation|crisis|security|insecurity|conflict|war|peace"
    r"|halin da ake ciki|rikicin|tsaro)|(?<!\w)(?:الوضع|الاوضاع|الازمه|الامن|الحرب|الامني))(?: \w+)? (?:in|au|aux|en|a|في)\s+(?:le |la |l')?$"
)
"""Words before a country that is talked about: "la situation au Mali"."""
TOGETHER = re.compile(
    r"(?:\b(?:(?:together|along|jointly) with|alongside|avec|aux cotes d(?:e|u)|de concert avec|tare da)|(?<!\w)(?:مع|الي جانب))\s+(?:le |la |l')?"
    r"(?:[\w' ]{3,20}(?:,|،| and| et| da) ?(?:le |la |l'|و)?)?$"
)
"""Words before a country, or the second of a list, that does something with the one told of."""
THE_COUNTRY = re.compile(r"\W*(?:the country|le pays|kasar|و?البلاد)\b")
"""A sentence whose subject is the country told of before."""
NATIONWIDE = re.compile(
    r"(?:^|[.;:!?] )\W*(?:the country|le pays)\b|\b(?:across|throughout|in) the (?:whole )?country\b|\b(?:dans|a travers) (?:tout )?le pays\b"
    r"|\ble pays (?:abrit|compt|accueill|heberg|enregistr)\w+"
    r"|\bthe country (?:now )?(?:hosts?|hosted|shelter\w*|is home|was home|counts|has taken)\b|\bkasar (?:na|tana) dauke\b"
    r"|\b(?:sur|de) l'ensemble du (?:pays|territoire)\b|\b(?:a (?:duk )?fadin kasar|a kasar baki daya)\b|(?<!\w)(?:في (?:عموم|انحاء) البلاد|في البلاد)"
)
"""What puts something into a whole country."""
NATIONWIDE_STEMS = ("country", "le pays", "du pays", "du territoire", "kasar", "البلاد")
"""One of these is in whatever ``NATIONWIDE`` matches."""
OWN_COUNTRY = re.compile(
    r"\b(?:his|her|their|its) (?:own )?(?:country|soil|territory)\b|\b(?:son|leur) (?:propre )?(?:pays|territoire|sol)\b"
    r"|(?<!\w)بلاد(?:ه|ها|هم)(?!\w)|\bkasar(?:sa|ta|su)\b"
)
"""The country of whom a sentence speaks."""
BETWEEN = re.compile(r"(?:\b(?:between|entre|tsakanin)|(?<!\w)بين)\s+(?:l'|la |le |the |garin )?$")
BETWEEN_STEMS = ("between", "entre", "tsakanin", "بين")
"""One of these is in whatever ``BETWEEN`` matches."""
AND = re.compile(r",? ?(?:and|et|da|و) ?(?:l'|la |le |the |garin )?")
"""What stands before and amid "between Kayes and Diboli"."""
RULERS = re.compile(
    r"'s (?:thinking|governments?|army|junta|military|claims?|accusations?|decisions?|stance|positions?|polic(?:y|ies)|rulers?|leaders?|relations|ambassador"
    r"|envoys?|allies|forces|troops|soldiers|authorities|demands?|requests?|refusal|response|plans?|view|calculations?|patience|interests?)\b"
)
"""What follows a capital that stands for its government: "Cotonou's thinking"."""
MET = re.compile(
    r"\b(?:a l'issue|au terme|a la fin|en cloture) d(?:e|u|es) |\bat the (?:end|close) of\b|\bafter the (?:talks|meeting|session)\b|\ba karshen\b"
    r"|(?<!\w)و?(?:في ختام\w*|عقب|توجت)(?!\w)"
)
"""Words that put what is signed at the end of the meeting told before."""
MET_STEMS = ("issue d", "terme d", "fin d", "cloture", "at the ", "after the", "a karshen", "ختام", "عقب", "توجت")
"""One of these is in whatever ``MET`` matches."""
_HOSTS = r"(?<!\w)[وف]?(?:(?:سوف )?س?ت(?:ستضيف|حتضن)|استضافت|احتضنت|استقبلت)"
AT = re.compile(
    rf"(?:\b(?:a|in|at|en|birnin)\s+(?:birnin |garin )?|(?<!\w)[وف]?(?:في|ب)\s?(?:العاصمه |مدينه )?|{_HOSTS} )$"
)
"""Prepositions that put people into a town, and Arabic verbs of the town that receives them."""
HOSTS = re.compile(f" {_HOSTS}")
"""The same verbs behind the town."""
RESIDENTS = re.compile(
    r"(?:\b(?:residents?|villagers|farmers|people|inhabitants|elders) (?:of|in|from)|\b(?:habitants|villageois|riverains|agriculteurs) d(?:e|u|es)"
    r"|\b(?:mazauna|mutanen|manoman|al'ummar)|(?<!\w)و?(?:سكان|اهالي|مزارعو))(?: \w+)*? ?$"
)
"""Words before a place whose people tell what was done to them."""
ACCORD_BEFORE = re.compile(
    r"(?:\b(?:accords?|processus|traite|charte) (?:de paix )?(?:de |d'|du )|\byarjejeniyar (?:zaman lafiya ta )?|(?<!\w)ال?اتفاق\w* (?:السلام )?)(?:l')?$"
)
ACCORD_STEMS = ("accord", "processus", "traite", "charte", "yarjejeniyar", "اتفاق")
"""One of these is in whatever ``ACCORD_BEFORE`` matches."""
ACCORD_AFTER = re.compile(r" (?:peace |2015 )?(?:accords?|agreement|process|treaty|deal)\b")
"""What stands around a place that only gives an accord its name: "the Algiers accord"."""
CLINIC = re.compile(
    r"(?:\b(?:clini\w+|hopital|hospital|centres? de sante|health (?:centre|center|post)|dispensaire|asibiti\w*|jinya|soignee?s?"
    r"|treated|treatment|hospitali[sz]\w+)|(?<!\w)(?:العياد\w+|عياد\w+|مستشف\w+|العلاج|علاج\w*))"
    r"[^.,;،]{0,24}$"
)
"""Words before a place where victims were treated."""
WHERE = re.compile(r"(?: \w+)?,? (?:where|ou|inda)\b|،? حيث(?!\w)")
"""What opens a clause about the place before it."""
CAPITAL = re.compile(
    r"\b(?:in|at|around|across|outside|inside) (?:the|its|their|his) (?:(?P<en>\w+) )?capital\b(?! (?:of|city of)\b|'s\b)"
    r"|\b(?:dans|autour de|a travers) (?:la|sa|leur) capitale\b(?! (?:d[eu]\b|d'|regional|provincial|economique|departemental|du ))(?: (?P<fr>\w+))?"
    r"|(?<!\w)[وف]?(?:في |ب|داخل )العاصمه(?!\w)(?: (?P<ar>\w+))?"
    r"|\ba babban birnin (?:(?P<ha>[\w']+)|tarayya)"
)
"""Where something happened in the capital without its name; the word beside it, which may be the country's."""
CAPITAL_STEMS = ("capital", "العاصمه", "babban birnin")
"""One of these is in whatever ``CAPITAL`` matches."""
LESSER = frozenset(
    (
        "regional",
        "provincial",
        "state",
        "district",
        "commercial",
        "economic",
        "former",
        "jihar",
        "yankin",
        "lardin",
        "gundumar",
    )
)
"""Words that make a capital another one than the country's."""
OPENING = re.compile(
    r"\W*(?:(?:and|but|also|meanwhile|et|mais|sai dai|amma|haka kuma|kuma)\W+)?"
    r"(?:in|at|near|outside|around|a|au|aux|en|dans|pres de|pres d'|kusa da|و?في|و?قرب)\s+"
    r"(?:l'|la |le |les |the |garin |birnin |kauyen |jihar |ولايه |مدينه |بلده |قريه )*"
)
"""A sentence that opens with where it is about."""
ENVOY = re.compile(
    r"(?:\b(?:ambassad\w+|embassy|envoy|consul\w*|charge d'affaires|jakadan|jakadar)\s+(?:to |of |de la |du |de |d'|des )?(?:la |le |l')?"
    r"|(?<!\w)(?:سفير|سفاره|السفير|سفيره)\w*\s+)$"
)
"""Words before a country that only its envoy is of."""
ENVOY_STEMS = ("ambassad", "embassy", "envoy", "consul", "charge d'affaires", "jakada", "سفير", "سفاره")
"""One of these is in whatever ``ENVOY`` matches."""
SOURCE_FIRST = re.compile(r"\W*(?:selon|d'apres|according to|a cewar|بحسب|وفق|وفقا ل)\b")
"""A sentence that opens with whom it has its news from."""
SOURCE_CLOSED = re.compile(r", (?:se |s'|ont |a ete|est |sont |avai|etai|was |were |had |have |has )")
"""Where the source of a sentence ends and its verb follows."""
SAID_THAT = re.compile(r"\b(?:that|que|qu'|cewa)\b|(?<!\w)[وف]?(?:ان|انه|انها|انهم)(?!\w)")
"""Where what somebody said begins."""
BY_SOURCE = re.compile(r"(?<!\w)و?(?:وفق|وفقا|بحسب|حسب|حسبما|نقلا عن|كما|علي ما)(?!\w)")
"""Arabic words after which the source is named to the end of its clause."""
UNIT = re.compile(
    r"\b(?:(?:in|of|across|throughout) th(?:e|is|at) (?:same )?(state|region|province)|(?:meme|cet) etat"
    r"|(?:la|cette|de la) (?:meme )?(?:region|province)|wannan (?:jiha|yanki))\b|(?<!\w)ال(?:ولايه|اقليم|منطقه|محافظه)(?= (?:نفس|ذات))"
)
"""A division told before, spoken of by its kind: "in the state", "la région"."""
UNIT_STEMS = (
    " state", " region", "province", "meme etat", "cet etat", "wannan", "الولايه", "الاقليم", "المنطقه", "المحافظه",
)  # fmt: skip
"""One of these is in whatever ``UNIT`` matches."""
LISTED = re.compile(r",? ?(?:(?:and|et|ou|or|da|و) ?)?(?:de |d'|du |a |to |vers )?(?:la |le |l')?")
"""What stands between two places of one list."""
MEDICAL = re.compile(r"(?:مصدر|مصادر|مستشفي|hospital in|hopital de|asibitin)\b[^.]{0,24}$")
"""Words before a place that only a source or a hospital is of."""
MEDICAL_STEMS = ("مصدر", "مصادر", "مستشفي", "hospital in", "hopital de", "asibitin")
"""One of these is in whatever ``MEDICAL`` matches."""
WITHIN = re.compile(r"(?:\b(?:in|inside|across|au|aux|en|dans|cikin)|(?<!\w)(?:في|داخل))\s+(?:le |la |l'|kasar )?$")
"""Prepositions that put something into a country."""
INSIDE = re.compile(r"\b(?:in|at|near|a|au|aux|en|dans|birnin|garin|to)\s+(?:le |la |the )?(?:birnin |garin )?$")
"""Prepositions that put something into a place."""
BORDER_BEFORE = re.compile(
    r"(?:border with|frontier with|frontieres? (?:avec )?(?:le |la |l')?|حدود (?:مع )?|iyakar? (?:da )?)\s*$"
)
"""Words that make a country the other side of a border."""
BORDER_STEMS = ("border with", "frontier", "حدود", "iyaka")
"""One of these is in whatever ``BORDER_BEFORE`` matches."""
HEADS = re.compile(r" ?[.:](?!\w)| ?[-–—] |\s*$|\s*\n")
"""What stands after a country that heads a paragraph of a round-up: "MALI: ...", "Niger. ..."."""
OF_KIND = re.compile(
    r" (?:(?:border|northern|southern|eastern|western|central|frontier|market) )*(?:(?:town|village|city|side|locality|district) of )?"
)
"""What stands between a demonym and a place of its country: "the Malian border town of Léré"."""
REGION = re.compile(r"\b(?:regions?|yankin|gwamnoni\w*)\b|منطق[ةه]|اقليم|ولاي[ةه]")
"""A word that makes a name near it one of a region."""
TERRITORY = frozenset(
    ("territory", "soil", "side", "town", "city", "village", "district", "province", "state", "region", "capital",
     "north", "south", "east", "west", "northern", "southern", "eastern", "western", "central", "desert", "airspace",
     "territoire", "sol", "cote", "ville", "localite", "capitale", "nord", "sud", "est", "ouest", "centre", "etat",
     "assemblee", "parlement", "opposition", "presidence", "president", "parliament", "arewacin", "kudancin",
     "gabashin", "yammacin", "yankin", "jihar", "garin", "kasar", "iyakar", "bank", "shore", "rive", "berge", "bangaren", "gefen",
     "الضفه", "الناحيه", "الشطر", "اراضي", "الاراضي", "الجانب", "مدينه",
     "بلده", "قريه", "ولايه", "شمال", "جنوب", "شرق", "غرب", "وسط", "العاصمه", "منطقه", "اقليم")
)  # fmt: skip
"""Words beside a demonym that make it say where: "Malian territory", "le nord malien"."""
AGAINST = re.compile(
    r"\b(?:against|contre|over|in solidarity with|denounc\w+|denonc\w+|condamn\w+|condemn\w+)\b|(?<!\w)(?:ضد|احتجاجا علي|تنديدا)"
)
"""What stands between a protest and a place that it is about."""
_KINDS = {
    "en": "town|village|city|locality|settlement|outpost|post|base|camp|hamlet|community|crossing|site|market|mine",
    "fr": "ville|localite|village|bourgade|commune|bourg|poste|camp|base|site|hameau|marche|garnison|detachement|chef-lieu",
    "ha": "garin|kauyen|sansanin",
    "ar": "المدينه|البلده|القريه|المعسكر|القاعده|الموقع|المنطقه",
}
POSTS = frozenset(
    ("outpost", "post", "base", "camp", "crossing", "site", "market", "mine", "poste", "marche", "garnison", "detachement",
     "sansanin", "معسكر", "قاعده", "موقع")
)  # fmt: skip
"""What stands at a place, and is told of after it by the same word."""
KINDS = frozenset(kind.rpartition("-")[2] for kinds in _KINDS.values() for kind in kinds.split("|"))
"""The words without one of which ``SETTLEMENT`` matches nothing."""
SETTLEMENT = re.compile(
    rf"\b(?:th(?:e|is|at) (?:[\w'-]+ ){{0,2}}?(?:{_KINDS['en']})"
    rf"|(?:la|cette|le|ce|cet|du|au|de la) (?:petite |meme )?(?:{_KINDS['fr']})"
    rf"|(?:{_KINDS['ha']}))\b(?! (?:of |named |called |de (?!l'est|l'ouest)|du (?!nord|sud|centre)|d'))"
    rf"|(?<!\w)(?:{_KINDS['ar']})(?!\w)"
)
"""A place told before, spoken of by its kind: "the town", "ce poste"."""
GIVEN_TO = re.compile(r"(?:\b(?:a|au|aux)\s+|(?<!\w)(?:الي\s+|ل))$")
"""French and Arabic prepositions before the state that is given something; those of towns as well."""
SENT_TO = re.compile(r"(?:\b(?:a|au|aux|en|in|to)|(?<!\w)(?:في|لدي|الي))\s+(?:la |le |l')?$")
"""Prepositions before the state that an envoy is sent to."""
OWN_ENVOY = re.compile(
    r"(?:\b(?:its|his|her|son|sa) (?:[^\W\d_]+ )?(?:ambassad\w+|envoys?|charge d'affaires|consul\w*)|\bjakad\w+"
    r"|(?<!\w)(?:سفير(?:ها|ه)))(?: [^\W\d_]+){0,2}? (?:to|in|from|at|a|au|aux|en|da ke|zuwa|في|الي|لدي)\s*$"
)
"""What stands before the place where one state has its envoy, whom it calls back from there."""
ENVOY_BEFORE = re.compile(
    r"(?:\b(?:ambassadeur|ambassadrice|charge d'affaires|consul)|(?<!\w)(?:السفير|القائم بالاعمال|القنصل))\s+(?:ال)?$"
)
ENVOY_AFTER = re.compile(r"\s+(?:ambassador|envoy|charge d'affaires|consul)\b")
"""Words around a demonym that says whose envoy somebody is."""
SPOKEN_OF_STEMS = (
    "parl",
    "evoqu",
    "qualifi",
    "present",
    "decri",
    "spoke",
    "speak",
    "call",
    "describ",
    "were",
    "وصف",
    "تحدث",
    "kira",
)
"""One of these is in whatever ``SPOKEN_OF`` matches."""
SPOKEN_OF = re.compile(
    r"(?:\b(?:parl\w+ de|evoqu\w+(?: des?| les)?|qualifi\w+ de|present\w+ comme|decri\w+ comme|(?:spoke|speaks?|spoken) of"
    r"|call(?:ed|s|ing) (?:them|the dead|the victims)|described (?:them |the dead |the victims )?as|(?:said|says|insists?) (?:that )?they were"
    r"|kira su da)|(?<!\w)(?:وصف\w* بانهم|وصف\w* ب|تحدث\w* عن))\s*(?:des |de |d'|suspected |so-called )?$"
)
"""Whom somebody's account names stands behind these; that is what the dead are called, not who did it."""
