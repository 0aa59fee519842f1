"""What happened, when and in which mode: accidents, accords, denials, verdicts, days told before. Written by reading the sentences."""

import pytest

from tests.test_where import events


def told(language, text):
    """(type, mode, first day) of the events of an article that are told with some confidence."""
    return {(e.event_type, e.mode, e.date_start) for e in events(language, text) if e.confidence >= 0.5}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Four soldiers died when a tyre burst on their truck in Gao, Mali."),
        ("en", "Six soldiers were killed when their truck overturned near Diffa in Niger on Monday."),
        ("en", "Seven soldiers were killed on Tuesday when their vehicle crashed into a lorry outside Dosso in Niger."),
        ("en", "Nine soldiers died when an army helicopter crashed near Gao in Mali."),
        ("fr", "Quatre soldats sont morts lorsque le pneu de leur camion a éclaté près de Gao, au Mali."),
        ("fr", "Six militaires ont été tués dans le renversement de leur véhicule près de Diffa, au Niger."),
        ("fr", "Trois gendarmes sont morts dans un accident de la route près de Tahoua, au Niger."),
        ("ar", "قتل أربعة جنود في انقلاب شاحنتهم قرب غاو في مالي."),
        ("ar", "لقي ستة جنود مصرعهم في حادث سير قرب ديفا في النيجر."),
        ("ha", "Sojoji hudu sun mutu lokacin da tayar motarsu ta fashe a kusa da Gao a Mali."),
        ("ha", "Sojoji shida sun mutu a hatsarin mota a kusa da Diffa a Nijar."),
    ],
)
def test_an_accident_of_soldiers_is_no_attack(language, text):
    """Whoever dies in it."""
    assert told(language, text) == set()


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "Four soldiers died when their truck hit a mine near Gao in Mali.", "REM.IED"),
        ("en", "Four soldiers were killed when their truck overturned in an ambush near Gao in Mali.", "BAT.ATTACK_MIL"),
        ("en", "Three farmers died when the wheel of their cart rolled over a device buried in the track near Bama, Nigeria.", "REM.IED"),
        ("fr", "Quatre soldats ont été tués quand leur camion a sauté sur une mine et s'est renversé près de Gao, au Mali.", "REM.IED"),
        ("ar", "قتل أربعة جنود في انفجار لغم بشاحنتهم قرب غاو في مالي.", "REM.IED"),
        ("ha", "Sojoji hudu sun mutu bayan motarsu ta taka nakiya a kusa da Gao a Mali.", "REM.IED"),
    ],
)  # fmt: skip
def test_a_vehicle_that_somebody_hit_had_no_accident(language, text, code):
    """A mine or an ambush is somebody's doing."""
    assert code in {code for code, _, _ in told(language, text)}


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "The government and the rebels of Mali agreed on Monday to a ceasefire in Kidal.", ("DIP.PEACE", "reported", "2026-11-16")),
        ("en", "Mali's government and the rebels on Monday agreed to a truce in Ménaka.", ("DIP.PEACE", "reported", "2026-11-16")),
        ("fr", "Le gouvernement malien et les rebelles ont convenu lundi d'un cessez-le-feu à Kidal.", ("DIP.PEACE", "reported", "2026-11-16")),
        ("en", "Niger and Benin agreed on Sunday to reopen the border at Malanville.", ("DIP.BORDER_OPEN", "planned", None)),
        ("fr", "Un colonel et deux capitaines passeront vingt ans derrière les barreaux à N'Djamena pour atteinte à la sûreté de l'État.",
         ("POL.ARREST", "reported", None)),
        ("en", "Two officers will spend twenty years in prison in Bamako for plotting against the junta.", ("POL.ARREST", "reported", None)),
        ("en", "Lomé on Friday prolonged the state of emergency in Savanes until April.", ("POL.RESTRICT", "reported", "2026-11-13")),
        ("fr", "Le Togo a prolongé vendredi l'état d'urgence dans la région des Savanes jusqu'en avril.", ("POL.RESTRICT", "reported", "2026-11-13")),
        ("en", "In Sila, Chad, rations will be halved from 1 December unless the World Food Programme receives USD 31 million.",
         ("HUM.AID", "hypothetical", "2026-12-01")),
    ],
)  # fmt: skip
def test_what_is_agreed_or_judged_is_news_of_its_day(language, text, wanted):
    """Not of the last day for which it holds, and not of one to come."""
    assert wanted in told(language, text)


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("fr", "L'armée malienne n'a pas perdu Kidal, assure l'état-major.", "BAT.TERRITORY_LOST"),
        (
            "fr",
            "L'armée n'a pas perdu la ville de Djibo, au Burkina Faso, affirme le gouverneur.",
            "BAT.TERRITORY_LOST",
        ),
        ("en", "The army has not lost Kidal, the general staff of Mali said.", "BAT.TERRITORY_LOST"),
        ("ha", "Sojojin Mali ba su rasa garin Kidal ba, in ji hedkwatar tsaro.", "BAT.TERRITORY_LOST"),
        ("ar", "لم يخسر الجيش مدينة جيبو في بوركينا فاسو.", "BAT.TERRITORY_LOST"),
        ("fr", "Aucun avion n'a bombardé le marché de Gao, au Mali, selon l'armée.", "REM.AIR_DRONE"),
        ("fr", "Aucun soldat étranger n'est stationné à Agadez, au Niger, selon le ministre.", "MIL.DEPLOY"),
        ("en", "No Russian troops are stationed in Agadez, Niger's defence minister said.", "MIL.DEPLOY"),
        ("en", "No jet bombed the market of Gao, Mali's air force said.", "REM.AIR_DRONE"),
    ],
)
def test_what_was_not_done_is_negated(language, text, wanted):
    """By "no jet" as by "not", and a loss that is denied is no gain."""
    assert {(code, mode) for code, mode, _ in told(language, text)} == {(wanted, "negated")}


@pytest.mark.parametrize(
    "text",
    [
        "Aucun soldat n'a été tué dans l'attaque du camp de Gao, au Mali, lundi.",
        "Aucune revendication n'a suivi l'attaque du poste de Gao, au Mali, où six soldats ont été tués lundi.",
    ],
)
def test_an_attack_that_hit_nobody_took_place(text):
    """What was not is only what the negation is about."""
    assert told("fr", text) == {("BAT.ATTACK_MIL", "reported", "2026-11-16")}


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("fr", ("Les ministres de la Défense du Niger et du Tchad se sont rencontrés mardi à Diffa.\n\nÀ l'issue de la rencontre, les deux parties ont "
         "paraphé un protocole sur des patrouilles mixtes."), "MIL.AGREE"),
        ("en", ("The defence ministers of Niger and Chad held talks in Diffa on Tuesday.\n\nAt the end of the talks they signed a protocol on joint "
         "patrols of the border."), "MIL.AGREE"),
        ("en", ("A court in Niamey, Niger, jailed four opposition activists on Tuesday.\n\nOutside, police fired tear gas to disperse a crowd of "
         "protesters."), "UNR.FORCE"),
        ("fr", "Des élèves ont manifesté mardi à Zinder, au Niger.\n\nLa police a dispersé les manifestants à coups de gaz lacrymogène.", "UNR.FORCE"),
    ],
)  # fmt: skip
def test_the_day_told_before(language, text, code):
    """Of the meeting at whose end something was signed, and of all that is told before a crowd."""
    assert {day for found, _, day in told(language, text) if found == code} == {"2026-11-17"}


@pytest.mark.parametrize(
    ("language", "text", "code", "mode"),
    [
        ("fr", "Onze bûcherons de Bosso, au Niger, ont été rendus à leurs familles mardi par leurs ravisseurs.", "CIV.RELEASE", "reported"),
        ("fr", "Les six éleveurs enlevés près de Gao, au Mali, ont retrouvé les leurs dimanche.", "CIV.RELEASE", "reported"),
        ("en", "Kidnappers in Zamfara, Nigeria, gave back eight farmers on Monday after their village paid.", "CIV.RELEASE", "reported"),
        ("fr", "Des hommes armés sont repartis avec trois femmes après avoir pillé le marché de Tessit, au Mali, lundi.", "CIV.ABDUCTION", "reported"),
        ("en", "Gunmen led off twelve villagers into the forest near Shiroro, Nigeria, on Sunday.", "CIV.ABDUCTION", "reported"),
        ("en", "Bandits marched nine women into the bush near Maradun in Nigeria on Monday.", "CIV.ABDUCTION", "reported"),
        ("fr", "Une compagnie de l'armée malienne a pris ses quartiers à Léré lundi.", "MIL.DEPLOY", "reported"),
        ("fr", "Un bataillon béninois prendra ses quartiers à Malanville le 20 décembre.", "MIL.DEPLOY", "planned"),
        ("en", "The army unit took up quarters in Dori, Burkina Faso, on Monday.", "MIL.DEPLOY", "reported"),
        ("en", "Widows of soldiers stood silently with photographs of them outside the ministry in Niamey on Tuesday.", "UNR.PROTEST", "reported"),
        ("en", "Mothers of missing students carried large photographs through Maiduguri, Nigeria, on Monday.", "UNR.PROTEST", "reported"),
        ("fr", "Des mères de détenus, brandissant des portraits, se sont rassemblées lundi devant le tribunal de Bamako.", "UNR.PROTEST", "reported"),
        ("en", "Lorry drivers in Niger parked their trucks on Monday and refused to take the wheel without an escort.", "UNR.STRIKE", "reported"),
        ("en", "Farmers near Gusau in Nigeria have been handing over twenty thousand naira each to bandits since May.", "CIV.EXTORTION", "reported"),
        ("en", "Gunmen in Tillabéri, Niger, make farmers hand over 50,000 francs for every field.", "CIV.EXTORTION", "reported"),
        ("en", "Air force jets destroyed an ISWAP camp at Marte in Borno, Nigeria, on Tuesday.", "REM.AIR_DRONE", "reported"),
        ("en", "ECOWAS on Sunday removed the travel ban on members of Guinea's junta.", "DIP.SANCTION_LIFT", "reported"),
        ("en", "The bloc lifted the travel ban and the asset freeze against Niger's rulers on Monday.", "DIP.SANCTION_LIFT", "reported"),
        ("fr", "La Cédéao a levé dimanche le gel des avoirs des dirigeants nigériens.", "DIP.SANCTION_LIFT", "reported"),
        ("en", "Malian soldiers walked back into Farabougou on Friday and raised the flag.", "BAT.TERRITORY_REGAINED", "reported"),
        ("fr", "L'armée burkinabè a réinvesti mardi la ville de Djibo.", "BAT.TERRITORY_REGAINED", "reported"),
        ("en", "Troops re-entered Damasak, Nigeria, on Monday after the insurgents had left it.", "BAT.TERRITORY_REGAINED", "reported"),
        ("fr", "Les rebelles ont arrosé de roquettes le camp de Ber, au Mali, jeudi.", "REM.SHELLING", "reported"),
        ("fr", "Une pluie de roquettes s'est abattue lundi sur l'aéroport de Tombouctou, au Mali.", "REM.SHELLING", "reported"),
        ("fr", "Le Bénin a cadenassé lundi le pont de Malanville, à la frontière du Niger.", "DIP.BORDER_CLOSE", "reported"),
        ("fr", "À suivre : jeudi, les ministres de la Défense du Niger et du Mali se retrouvent à Niamey pour parler de la force.", "DIP.TALKS", "planned"),
        ("en", "Coming up: the defence ministers of Niger and Chad meet in Diffa on Friday to discuss joint patrols.", "DIP.TALKS", "planned"),
        ("ar", "خلفت مواجهات بين مزارعين ورعاة في ولاية بلاتو النيجيرية تسعة قتلى يوم الاثنين.", "CIV.COMMUNAL", "reported"),
        ("ar", "كشفت مفرزة للجيش الجزائري قرب تمنراست مخبأ يضم قذائف هاون وذخيرة يوم الثلاثاء.", "GRP.WEAPONS_SEIZED", "reported"),
        ("ha", "Makarantar firamare ta Torodi a Nijar ta zama toka bayan 'yan bindiga sun banka mata wuta ranar Litinin.", "CIV.DESTRUCTION", "reported"),
        ("fr", "Le mouvement rebelle affirme avoir attaqué lundi le camp de Ber, au Mali.", "BAT.ATTACK_MIL", "reported"),
        ("fr", "L'armée malienne dit avoir tué mardi neuf terroristes près de Gossi.", "BAT.OPERATION", "reported"),
        ("en", "Nobody has seen the seven traders since soldiers took them from a bus near Jos, Nigeria, on 2 October.", "CIV.DISAPPEARANCE", "reported"),
        ("fr", "Depuis la fin de septembre, les hommes du JNIM exigent 25 000 francs par tête de bétail à Boni, au Mali.", "CIV.EXTORTION", "reported"),
    ],
)  # fmt: skip
def test_acts_in_other_words(language, text, code, mode):
    """Of giving back and leading off, of quarters, portraits and levies, of what stands in the diary."""
    assert (code, mode) in {(found, how) for found, how, _ in told(language, text)}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le club de Bamako a rendu à leurs familles les élèves de son stage de football samedi."),
        ("en", "The teacher led the pupils of Zinder, Niger, off to the museum on Friday."),
        ("fr", "La troupe de théâtre a pris ses quartiers à Ségou pour un mois."),
        ("en", "Fans in Kano, Nigeria, carried large photographs of the singer to the concert."),
        ("en", "Farmers near Gusau in Nigeria have been handing over their tomatoes to a new factory."),
        ("fr", "Les supporters ont arrosé de jus les joueurs de Ber, au Mali."),
        ("ha", "Wutar lantarki ta sa kasuwar Torodi a Nijar ta zama toka."),
    ],
)
def test_the_same_words_in_ordinary_news(language, text):
    """Tell no event."""
    assert {how for _, how, _ in told(language, text)} <= {"negated", "historical"}


@pytest.mark.parametrize(
    ("language", "text", "code", "day"),
    [
        ("fr", "Le mouvement rebelle affirme avoir attaqué lundi le camp de Ber, au Mali.", "BAT.ATTACK_MIL", "2026-11-16"),
        ("fr", "L'armée malienne dit avoir tué mardi neuf terroristes près de Gossi.", "BAT.OPERATION", "2026-11-17"),
        ("fr", "À suivre : jeudi, les ministres de la Défense du Niger et du Mali se retrouvent à Niamey.", "DIP.TALKS", "2026-11-19"),
        ("en", "Coming up: the defence ministers of Niger and Chad meet in Diffa on Friday to discuss patrols.", "DIP.TALKS", "2026-11-20"),
        ("en", "A Bamako court on Monday sentenced three men to life for the 2015 attack on a hotel in which 20 people died.",
         "POL.ARREST", "2026-11-16"),
    ],
)  # fmt: skip
def test_whose_day_it_is(language, text, code, day):
    """Of what somebody says to have done, of the next such day, of the court and not of what it judges."""
    assert {when for found, _, when in told(language, text) if found == code} == {day}
