"""Words around counts, folded, and how far from a number they may stand."""

import re

NOUN_WORDS = 2
"""The counted noun stands at most this many words after its number (Hausa: before it)."""
KIND_WORDS = 9
ARABIC_RIGHT = 8
COMMA_COST = 2
CONJUNCTION_COST = 3
"""Words that a conjunction between a number and a verb counts for: "killing 12 and wounding 5"."""
PART_BEFORE = re.compile(
    r"(?:including|among them|dont|parmi lesquels|parmi eux|y compris|notamment|بينهم|من بينهم|منهم|ciki har da)"
    r"(?: at least| au moins| \w{1,3})? ?$"
)
OF_THEM = re.compile(r" (?:of them|of whom|d'entre eux|d'entre elles|parmi eux|منهم|منهن|daga cikinsu|a cikinsu)\b")
OF_KNOWN = re.compile(
    r" (?:of the|of those|des|من|daga cikin) ?(?:wounded|injured|dead|killed|blesses|morts|tues|victimes|victims|الجرحي|المصابين|القتلي|wadanda)\b"
)
"""What makes a number a part of a toll told before: "three of the wounded"."""
ONLY_COMMA = re.compile(r"[^.;:]{0,60}, ?")
OTHERS = re.compile(r" (?:d')?(?:others|autres|more|اخرين|اخرون|اخرى|اخر)\b")
SEMICOLON_COST = 6
GENERAL = frozenset(("fideles", "men", "hommes", "members", "members of", "membres", "people", "others", "autres"))
"""Nouns whose group a name behind them tells."""
SPARE_WORDS = 3
"""Names of nations and bodies that may stand besides between a number and its noun: "400 Ghanaian and Ivorian soldiers"."""
ARTICLE_WORDS = 7
"""An article counts one of those whose verb follows it so soon: "a Chinese engineer was seized"."""
ARTICLES = frozenset(("a", "an", "un", "une"))
PARTED = re.compile(r"[;:\"«»()—]|\b(?:qui|who|whose|that|which|dont|que|quand|when|lorsqu\w*|where)\b")
"""What stands between an article with its noun and a verb that is not told of it."""
SEVERAL = (3, 9)
"""Bounds of "several", which tell too little of things to be told."""
BESIDE_ONLY = frozenset((
    "lost", "loss of", "losses", "perdu", "perte de", "pertes", "corps", "bodies", "corpses", "فقد", "buried", "binne",
))  # fmt: skip
"""Words that tell of deaths only right beside a number of people: "lost two soldiers", "neuf corps"."""
BODIES = frozenset(("corps", "bodies", "corpses", "burials"))
"""Of these those that are counted themselves, right behind their number: "at least 17 bodies"."""
NO_BODIES = re.compile(
    r" (?:d'armee|de metiers?|diplomatiques?|d'etat|expeditionnaires?|habilles|constitues|politiques?)\b"
)
OF_OWN = re.compile(
    r" (?:(?:de|of) (?:ses|leurs|nos|his|her|its|their|our) (?:camarades|collegues|compagnons|freres d'armes|comrades|colleagues|companions)"
    r"|من (?:رفاقه|زملائه|رفاقهم|زملائهم)|daga cikin abokan aikin\w*)(?!\w)"
)
"""Behind a number: they are of the fighters who were named before them."""
FIGHT = ("state_forces", "vigilante", "armed_group", "foreign_forces")
HONOUR = ("champ d'honneur", "field of honour", "ميدان الشرف")
"""Where only soldiers fall."""
HONOUR_REACH = 48
NOT_ONE = re.compile(
    r"(?:\b(?:not|nor|without losing|without the loss of|pas|sans perdre|sans deplorer la perte d'|babu ko|ba ko|ko)|(?<!\w)(?:ولا|لا|اي)) ?$"
)
"""Before one of them: none at all."""
AND_RIGHT = re.compile(r" (?:and|et|da|و) ?(?:the |les |wasu )?")
"""All that stands between "a colonel" and the number of the captains beside him."""
NOT_BACK = re.compile(
    r"(?:\b(?:not|never|n't|pas|n'ont|n'a|n'est|ne sont|ba|ba su|ba a|ba ta|ba ya)|(?<!\w)(?:لم|لا))(?: \w+)? $"
)
"""Before a word of returning: they have not."""
LOST_OR_HAS = "فقد"
"""Before a number "were lost", before a verb "has"."""
TRIED = re.compile(
    r"(?:[ -][^\W\d_]+){0,4}? (?:(?:accused|suspected|guilty|convicted|charged) (?:of|with|over)\b|hukunci"
    r"|(?:soupconnee?s?|accusee?s?|coupables?|poursuivie?s?|inculpee?s?|prevenus) (?:de |d'|pour )|(?:da )?ake (?:zargi|tuhuma))"
)
"""What follows those who stand accused of the act: they are not its victims."""
TWO = ("اثنين", "اثنان", "اثنتين", "اثنتان")
"""What stands behind the dual that it counts."""
PIECES = " guda "
"""Hausa counts things so."""
BY = (" by ", " par ", "عددهم ", "علي يد ", "علي ايدي ")
BY_DOZENS = ("dizaine", "centaine", "millier", "dozen", "hundred", "thousand")
"""Before a number of those who did it, unless it says how many at a time."""
ABOUT_WORDS = 3
ABOUT = frozenset((
    "against", "over", "after", "about", "following", "contre", "apres", "condemn", "condemned", "condemning", "denounced", "denoncer",
    "denoncent", "denonce", "علي", "بعد", "عقب", "ضد", "منذ", "اثر", "bayan", "kan",
))  # fmt: skip
"""Before a noun of acts it says why people march or what came before, not what happened to those just counted."""
LIST = re.compile(r" ?,? ?(?:et |and |da |و|ainsi que )?(?:de |d'|of |au moins |at least |his |her |ses |leurs )?")
OTHER = re.compile(r" (?:other|autres)\b")
AND = re.compile(r"(?:,|\b(?:and|et|da|ainsi que|as well as|plus)\b)")
STOP = re.compile('[;:.()«»"]')
SIDE_WORDS = 4
SIDES = re.compile(
    r"(?P<own>\b(?:cote ami|rangs amis|nos rangs|notre cote|(?:on|of) our (?:own )?side|our own ranks|own side|friendly (?:side|losses)|bangarenmu)\b"
    r"|(?<!\w)(?:جانبنا|صفوفنا))|(?P<enemy>(?:صفوف|جانب) (?:العدو|المهاجمين)|\bcote (?:adverse|ennemi)|\b(?:on )?the enemy(?:'s)? side)\b"
)
SIDE_STEMS = ("cote a", "cote e", "rangs amis", "nos rangs", "notre cote", "our side", "our own", "own side", "friendly", "bangarenmu",
              "جانبنا", "صفوفنا", "العدو", "المهاجمين", "enemy")  # fmt: skip
"""Words of an army's account of a fight, and letters without which there are none."""
HIS_AFTER = re.compile(
    r" (?:[^\W\d_]+ )?(?:and|et) (?:his|her|its|son|sa) (?!two|three|four|five|six|ten)(?:[^\W\d_]+-?)*[^\W\d_s](?<!men)(?<!children)(?<!people)\b"
)
HIS_BEFORE = re.compile(r"\b(?:his|her|its|their|son|sa|leur) (?:[^\W\d_]+ )?[^\W\d_]+(?: [^\W\d_]+)? (?:and|et) $")
"""One more: "a nurse and her driver", "son conducteur et deux militaires"."""
MEMBERS = re.compile(r" (?:members|men|militants|adherents|followers|loyalists|deserters|operatives)\b")
MEMBERS_OF = re.compile(
    r"\b(?:membres|elements|fideles|hommes|adherents|members|men|disciples|transfuges) (?:de |du |d'|of |from )?(?:la |l'|the )?$"
)
"""Words that make the name of an armed group its people: "nine former Boko Haram members"."""
JOIN_WORDS = 6
ONES = {
    "ar": frozenset((
        "مواطن", "مواطنا", "مواطنه", "امراه", "رجل", "رجلا", "طفل", "طفلا", "طفله", "جندي", "جنديا", "عسكري",
        "عسكريا", "دركي", "دركيا", "شرطي", "شرطيا", "صحفي", "صحفيا", "صحفيه", "صحافي", "صحافيا", "معلم", "معلما",
        "مهندس", "مهندسا", "شاب", "شابا", "سائق", "سائقا", "قيادي", "قياديا", "مسلح", "مسلحا", "ارهابي", "ارهابيا",
        "ضابط", "ضابطا", "شخص", "شخصا", "راعي", "راعيا", "تاجر", "تاجرا", "قروي", "قرويا", "طبيب", "طبيبا", "مدني",
        "مدنيا", "متظاهر", "متظاهرا", "ممرض", "ممرضا", "ممرضه",
    )),
    "ha": frozenset(),
}  # fmt: skip
"""Nouns of single persons, folded; in Hausa they are told by the words before them."""
SOME = ("wani ", "wata ")
DIED = ("mutu", "rasu", "rasa ran")
WITH_ONE = re.compile(r" و(?:ابن|زوج|مساعد|شقيق|سائق|ولد|حارس|مرافق|والد)\w{0,2}(?:ه|ها)(?!\w)")
ONE_REACH = 2
"""Characters from a person to a number that is the object of what that one did."""
CONJUNCTIONS = frozenset(("and", "et", "da", "و", "while", "tandis"))
