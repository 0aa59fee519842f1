"""Two figures of one toll are both kept, each with who gives it; what only looks like a second figure is not."""

import pytest

from transforms.tag_events import tag_record

DISPUTED = [
    ("fr", "NE", "Quelque 20.000 personnes ont manifesté samedi à Niamey, selon les organisateurs. La police en dénombre 3.000.",
     [("other", 20000, None), ("other", 3000, "police")]),
    ("en", "ML", "Gunmen attacked the village of Sobane on Monday, killing at least 30 people, residents said. The government put the death toll at 19.",
     [("killed", 30, "civilians"), ("killed", 19, "authorities_generic")]),
    ("en", "ML", "Insurgents stormed an army base near Mondoro on Sunday. The army said nine soldiers were killed. JNIM said it had killed 31 soldiers.",
     [("killed", 9, "fama"), ("killed", 31, "jnim")]),
    ("en", "NG", "Bandits abducted 52 villagers in Zurmi on Friday, a village head said. Police confirmed the raid but gave a lower figure of 38.",
     [("abducted", 52, None), ("abducted", 38, "police")]),
    ("en", "TD", ("Police opened fire on protesters in Moundou on Monday. "
     "Doctors said 12 protesters were killed, while the government acknowledged only three deaths."),
     [("killed", 12, None), ("killed", 3, None)]),
    ("fr", "ML", "Une frappe de drone a touché un mariage près de Léré lundi, faisant 20 morts. La Croix-Rouge en dénombre 27.",
     [("killed", 20, None), ("killed", 27, "icrc")]),
    ("fr", "NE", ("Une attaque contre le camp de Banibangou a fait 12 morts parmi les soldats mardi, selon l'armée. "
     "L'Etat islamique affirme avoir tué 45 soldats."),
     [("killed", 12, None), ("killed", 45, "is")]),
    ("ha", "NG", ("'Yan bindiga sun kai hari kauyen Kware ranar Litinin, inda suka kashe mutum 17, in ji mazauna. "
     "Rundunar 'yan sanda ta tabbatar da harin, amma ta ce mutum takwas ne suka mutu."),
     [("killed", 17, "civilians"), ("killed", 8, "police")]),
    ("ar", "ML", "هاجم مسلحون قرية قرب موبتي الاثنين وقتلوا 25 مدنيا، بحسب سكان. لكن الجيش قال إن 11 مدنيا قتلوا في الهجوم.",
     [("killed", 25, None), ("killed", 11, "fama")]),
    ("ha", "NG", "'Yan bindiga sun kashe mutum 20 a kauyen Dankurmi ranar Asabar, in ji mazauna. Amma gwamnati ta ce mutum 12 aka kashe.",
     [("killed", 20, "civilians"), ("killed", 12, "authorities_generic")]),
    ("ar", "NG", "قتل 18 جنديا في هجوم على قاعدة في بورنو الأحد، بينما قال تنظيم ولاية غرب إفريقيا إنه قتل 40 جنديا.",
     [("killed", 18, None), ("killed", 40, "iswap")]),
]  # fmt: skip
UNDISPUTED = [
    ("en", "NG", "Eight soldiers were killed in Sabon Birni on Sunday, sources said. But the governor said three policemen were killed.", [8]),
    ("en", "NG", ("Gunmen attacked Yelwata on Friday night, killing at least 45 people. However, the governor said 11 people were being treated "
     "and that two had died in hospital."), [45, 11]),
    ("en", "SD", "The RSF killed 200 people in Bara on Sunday, a doctors' network said. The RSF acknowledged 12 dead in its own ranks.", [200]),
    ("fr", "BF", "Des jihadistes ont tué 30 civils à Djibo dimanche. L'armée reconnaît dix morts dans ses rangs.", [30]),
    ("en", "ML", "Jihadists killed five soldiers near Mopti on Sunday, and the army said 22 were killed on the other side.", [5]),
    ("fr", "ML", "Une attaque a fait 22 morts à Bankass lundi. Mais seulement neuf corps ont pu être identifiés, selon l'armée.", [22]),
    ("en", "NG", "Bandits killed eight villagers in Zurmi on Sunday, residents said. The army said 20 were killed as troops pursued them.", [8]),
    ("fr", "BF", ("Une attaque a tué 12 civils dimanche à Djibo, tandis que ce lundi huit civils ont été tués sur la route de Djibo, selon "
     "l'armée."), [12]),
    ("ar", "ML", "قتل 22 شخصا في هجوم على قرية قرب موبتي الاثنين. لكن الجيش قال إن 7 أطفال قتلوا بينهم.", [22]),
    ("en", "ML", "Gunmen attacked the village of Sobane on Monday, killing 30 people. The hospital said eight of them were children.", [30]),
    ("en", "ML", ("Gunmen attacked the village of Sobane on Monday, killing 30 people. "
     "But five people were killed in another village, Koro, residents said."), [30]),
    ("en", "NE", "An attack on a post at Abala on Sunday killed seven soldiers, the army said. The army said 30 terrorists were killed.", [7, 30]),
    ("en", "BF", ("Jihadists killed 14 villagers in Arbinda on Monday, residents said. "
     "The United Nations said 900 people had been killed in the region since January."), [14]),
    ("en", "ML", "Militants killed 12 soldiers near Gao on Monday, the army said. It is the deadliest attack since March, when 20 soldiers were killed.", [12]),
    ("fr", "NE", "L'attaque de Makalondi a fait 9 morts dimanche. Le bilan est passé à 13 morts, selon l'armée.", [13]),
    ("fr", "BF", "Au moins 20 civils ont été tués dimanche à Djibo. Selon un habitant, 24 corps ont été enterrés lundi.", [20]),
    ("ha", "NE", "Mahara sun kashe sojoji 9 a Abala ranar Lahadi. A bara an kashe sojoji 20 a wurin, in ji rundunar soji.", [9]),
]  # fmt: skip


def reported(language, country, text):
    row = tag_record(
        {"article_id": "x", "title": "", "text": text, "language": language, "published": "2026-10-14T08:00:00Z", "country": country}
    )  # fmt: skip
    return next(event for event in row["events"] if event["mode"] == "reported")


@pytest.mark.parametrize(("language", "country", "text", "wanted"), DISPUTED)
def test_both_figures_of_a_dispute_are_kept(language, country, text, wanted):
    rows = reported(language, country, text)["quantities"]
    assert [(row["kind"], row["low"], row["claimed_by"]) for row in rows] == wanted


@pytest.mark.parametrize(("language", "country", "text", "wanted"), UNDISPUTED)
def test_figures_of_parts_of_others_and_of_other_acts_are_no_dispute(language, country, text, wanted):
    assert [row["low"] for row in reported(language, country, text)["quantities"]] == wanted
