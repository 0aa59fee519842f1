"""Counts of events: how many of whom, which act a toll belongs to, and what no toll is. Written by reading the sentences."""

import pytest

from transforms.tagging.tagger import Taggable, Tagger

TOLD = [
    # verbs and nouns of dying, of being wounded
    ("fr", "Une mine a explosé lundi près de Gao, au Mali ; neuf passagers n'ont pas survécu.", "REM.IED", {("killed", 9)}),
    ("fr", "Quatre militaires sont tombés dans une embuscade près de Djibo, au Burkina Faso.", "BAT.ATTACK_MIL", {("killed", 4)}),
    ("fr", "L'armée malienne a perdu 17 hommes dans une embuscade près de Gao.", "BAT.ATTACK_MIL", {("killed", 17)}),
    ("fr", "L'armée malienne a perdu 17 villages face aux jihadistes qui ont attaqué le camp de Gao.", "BAT.ATTACK_MIL", set()),
    ("fr", "Une mine a explosé près de Gao, au Mali : six civils sont morts, quatre autres ont été évacués vers l'hôpital.", "REM.IED",
     {("killed", 6), ("wounded", 4)}),
    ("en", "Seven villagers had their throats slit by gunmen in Dori, Burkina Faso.", "CIV.ATTACK", {("killed", 7)}),
    ("en", "Nine soldiers lost their lives in an ambush near Gao in Mali.", "BAT.ATTACK_MIL", {("killed", 9)}),
    ("en", "Mali's army lost eleven men in an ambush near Gao.", "BAT.ATTACK_MIL", {("killed", 11)}),
    ("en", "Mali's army lost eleven villages before the ambush near Gao.", "BAT.ATTACK_MIL", set()),
    ("ar", "قضى ستة جنود نحبهم في كمين قرب غاو في مالي.", "BAT.ATTACK_MIL", {("killed", 6)}),
    ("ha", "Harin kunar bakin wake ya ci ran mutum takwas a Maiduguri a Najeriya.", "REM.SUICIDE", {("killed", 8)}),
    # one person behind an article, and who is not that one
    ("fr", "Un instituteur a été égorgé par des jihadistes près de Gao, au Mali.", "CIV.ATTACK", {("killed", 1)}),
    ("fr", "Un instituteur dont le frère a été égorgé par des jihadistes près de Gao, au Mali, témoigne.", "CIV.ATTACK", set()),
    ("en", "Gunmen seized a Chinese engineer near Tahoua in Niger.", "CIV.ABDUCTION", {("abducted", 1)}),
    ("en", "A herder's camp was hit in an air strike near Gao in Mali and three women died.", "REM.AIR_DRONE", {("killed", 3)}),
    # those who stand beside a number without one of their own
    ("en", "A roadside bomb hit an ambulance near Pama in Burkina Faso, killing a nurse and her driver.", "REM.IED", {("killed", 2)}),
    ("en", "A roadside bomb hit an ambulance near Pama in Burkina Faso, killing a nurse and her two drivers.", "REM.IED", {("killed", 1), ("killed", 2)}),
    ("fr", "Une mine a explosé près de Gao, au Mali : son conducteur et deux militaires ont été tués.", "REM.IED", {("killed", 3)}),
    # lists add up, parts do not
    ("fr", "Cinq écogardes et un soldat ont été tués dans une embuscade au Bénin.", "BAT.ATTACK_MIL", {("killed", 6)}),
    ("fr", "Trois civils, deux femmes et un enfant, ont été tués par des jihadistes à Gao, au Mali.", "CIV.ATTACK", {("killed", 3)}),
    ("fr", "Cinq soldats ont été tués et trois blessés dans une embuscade près de Gao, au Mali.", "BAT.ATTACK_MIL",
     {("killed", 5), ("wounded", 3)}),
    ("en", "Gunmen killed four farmers and two traders in Dori, Burkina Faso.", "CIV.ATTACK", {("killed", 6)}),
    ("en", "Gunmen killed four farmers and two traders were wounded in Dori, Burkina Faso.", "CIV.ATTACK", {("killed", 4), ("wounded", 2)}),
    ("en", "Gunmen killed six people, four of them farmers, in Dori, Burkina Faso.", "CIV.ATTACK", {("killed", 6)}),
    ("fr", "L'ennemi a attaqué le camp de Gao, au Mali ; on déplore la perte de quatre militaires et de deux VDP ; huit blessés ont été évacués.",
     "BAT.ATTACK_MIL", {("killed", 4), ("killed", 2), ("wounded", 8)}),
    ("en", "Five people, including two soldiers and three civilians, were killed in an attack in Gao, Mali.", "CIV.EXECUTION", {("killed", 5)}),
    ("fr", "Onze personnes, dont six soldats et cinq civils, ont été tuées dans une attaque à Gao, au Mali.", "CIV.EXECUTION", {("killed", 11)}),
    # the accused are not the victims, marchers not those whom they mourn
    ("en", "A court in Bamako sentenced nine men accused of killing 23 traders in an attack in Mali.", "CIV.ATTACK", {("killed", 23)}),
    ("fr", "Le procès de trois hommes soupçonnés d'avoir tué 23 civils lors de l'attaque de Solhan s'est ouvert au Burkina Faso.", "CIV.ATTACK",
     {("killed", 23)}),
    ("en", "Police fired tear gas at hundreds of youths who marched in Kano, Nigeria, against the killing of travellers.", "UNR.FORCE", set()),
    # things, where the act is about them, and where it is not
    ("fr", "Des hommes armés ont emporté 120 bœufs près de Tahoua, au Niger.", "CIV.CATTLE_RAID", {("other", 120)}),
    ("en", "Gunmen drove off 300 cows near Tahoua in Niger.", "CIV.CATTLE_RAID", {("other", 300)}),
    ("en", "Gunmen on 30 motorbikes killed nine villagers near Tahoua in Niger.", "CIV.ATTACK", {("killed", 9)}),
    ("fr", "Les soldats ont saisi 23 fusils et 400 cartouches dans une cache d'armes à Gao, au Mali.", "GRP.WEAPONS_SEIZED",
     {("other", 23), ("other", 400)}),
    ("ha", "Sojoji sun kwato bindigogi goma sha biyu a Maradi a Nijar.", "GRP.WEAPONS_SEIZED", {("other", 12)}),
    ("ar", "أحرق مسلحون ثمانية وعشرين صهريجا للوقود قرب كاي في مالي.", "CIV.DESTRUCTION", {("other", 28)}),
    # whom a name of a nation counts
    ("en", "Algeria expelled 88 Malians to Assamaka in Niger on Sunday.", "HUM.MIGRANTS", {("other", 88)}),
    ("ar", "عاد 120 لاجئا ماليا إلى قراهم في مالي يوم الأحد.", "HUM.RETURN", {("returned", 120)}),
    ("ar", "اختطف مسلحون مجهولون مهندسين اثنين من منجم للذهب قرب أغاديز في النيجر.", "CIV.ABDUCTION", {("abducted", 2)}),
    # those who did it are not counted
    ("fr", "Deux commerçants ont été enlevés par six individus armés près de Tahoua, au Niger.", "CIV.ABDUCTION", {("abducted", 2)}),
    ("en", "A trader was abducted by six gunmen near Tahoua in Niger.", "CIV.ABDUCTION", {("abducted", 1)}),
    ("fr", "Des villageois ont été tués par dizaines dans une attaque de jihadistes à Solhan, au Burkina Faso.", "CIV.ATTACK", {("killed", 20)}),
    ("fr", "L'attaque du village de Solhan, au Burkina Faso, s'est soldée par 17 morts.", "CIV.ATTACK", {("killed", 17)}),
    ("en", "A court in Bamako sentenced to death a man for the attack on a hotel in Sévaré, Mali, that left thirteen people dead.", "CIV.ATTACK",
     {("killed", 13)}),
    ("en", "Hunters stormed a village near Bankass, Mali, to avenge a slain farmer; nine herders perished.", "CIV.ATTACK", {("killed", 9)}),
    ("en", "A shell went off in Gueskerou, Niger; two boys aged 9 and 12 died.", "REM.UXO", {("killed", 2)}),
    ("ha", "Sojin saman Najeriya sun kai hari ta sama a kan sansanonin ISWAP guda biyu a Borno, inda suka kashe mayaka da dama.",
     "REM.AIR_DRONE", set()),
    # single persons without a number, and those who do what is told
    ("ar", "خطف مسلحون مهندسا قرب تاهوا في النيجر.", "CIV.ABDUCTION", {("abducted", 1)}),
    ("ar", "سقطت قذيفتان على حي في بير شمال مالي فأودتا بحياة امرأة وابنتها.", "REM.SHELLING", {("killed", 2)}),
    ("ar", "فرقت الشرطة بالغاز المسيل للدموع محتجين في كيفة في موريتانيا احتجاجا على مقتل تاجر.", "UNR.FORCE", set()),
    ("ar", "قتل مسلح تسعة مدنيين في هجوم على قرية قرب غاو في مالي.", "CIV.ATTACK", {("killed", 9)}),
    ("ha", "'Yan bindiga sun sace wani likita a Zamfara a Najeriya.", "CIV.ABDUCTION", {("abducted", 1)}),
    ("ha", "Wani dan bindiga ya kashe mutane tara a Zamfara a Najeriya.", "CIV.ATTACK", {("killed", 9)}),
    # numbers that begin with "and ten"
    ("ha", "Sojoji sun kashe mayaka sha biyar na Boko Haram a Borno a Najeriya.", "BAT.OPERATION", {("killed", 15)}),
    # names of groups and of units
    ("en", "Nine former Boko Haram members surrendered in Diffa, Niger.", "GRP.SURRENDER", {("surrendered", 9)}),
    ("fr", "Quatorze anciens fidèles de Boko Haram se sont rendus à Diffa, au Niger.", "GRP.SURRENDER", {("surrendered", 14)}),
    ("en", "Troops of 7 Division repelled an attack on the army camp in Damasak, Nigeria, and several wounded were flown to hospital.",
     "BAT.ATTACK_MIL", set()),
    ("ar", "وصل 1700 شخص إلى كورو في مالي يوم الثلاثاء؛ فقد ترك أكثر من 300 شخص بيوتهم بعد هجوم المسلحين.", "HUM.DISPLACE",
     {("displaced", 1700)}),
    ("ha", "Motar sintiri ta taka nakiya a Makalondi a Nijar, abin da ya ci rayukan sojoji uku, ya kuma raunata biyar.", "REM.IED",
     {("killed", 3), ("wounded", 5)}),
    ("ha", "Sojoji sun ceto mata goma da yara ashirin da daya a Borno a Najeriya.", "CIV.RELEASE", {("released", 31)}),
    ("ar", "هاجمت بوكو حرام موقعا للجيش التشادي في بول؛ وسقط في ميدان الشرف تسعة من الجنود وأصيب أربعة عشر آخرون.", "BAT.ATTACK_MIL",
     {("killed", 9), ("wounded", 14)}),
    # what a quantity is, and what only ends as "hundred" does
    ("ar", "ضبط الجيش كمية من الأسلحة في مخبأ قرب غاو في مالي.", "GRP.WEAPONS_SEIZED", set()),
    ("ar", "قتل تسعة جنود ومدنيان وأصيب 14 عسكريا في كمين قرب ميناكا في مالي.", "BAT.ATTACK_MIL",
     {("killed", 9), ("killed", 2), ("wounded", 14)}),
    # who does it is not counted, who suffers it is
    ("fr", "Un homme armé a tué trois passants à Man, en Côte d'Ivoire.", "CIV.ATTACK", {("killed", 3)}),
    ("fr", "Deux hommes armés ont tué neuf fidèles à Jos, au Nigeria, dimanche.", "CIV.ATTACK", {("killed", 9)}),
    ("fr", "Quatre assaillants à moto ont ouvert le feu et tué neuf paysans à Téra, au Niger.", "CIV.ATTACK", {("killed", 9)}),
    ("fr", "Six assaillants ont enlevé deux commerçants près de Téra, au Niger.", "CIV.ABDUCTION", {("abducted", 2)}),
    ("fr", "Deux hommes armés ont été tués à Jos, au Nigeria.", "CIV.ATTACK", {("killed", 2)}),
    ("fr", "Deux hommes armés ont été abattus après avoir tué neuf fidèles à Jos, au Nigeria.", "CIV.ATTACK", {("killed", 2), ("killed", 9)}),
    ("en", "Two gunmen killed nine worshippers in Jos, Nigeria.", "CIV.ATTACK", {("killed", 9)}),
    ("en", "Two gunmen opened fire in a mosque in Jos, Nigeria, killing nine.", "CIV.ATTACK", {("killed", 9)}),
    ("en", "Three soldiers and two gendarmes killed nine farmers in Tera, Niger.", "CIV.EXECUTION", {("killed", 9)}),
    ("en", "Police arrested two gunmen who killed nine worshippers in Jos, Nigeria.", "POL.ARREST", {("arrested", 2)}),
    ("en", "Two gunmen who killed nine worshippers in Jos, Nigeria, were shot dead by police.", "BAT.OPERATION", {("killed", 2), ("killed", 9)}),
    ("en", "Two gunmen were killed in Jos, Nigeria.", "CIV.ATTACK", {("killed", 2)}),
    ("en", "Five soldiers killed, nine wounded in Gao, Mali.", "BAT.ATTACK_MIL", {("killed", 5), ("wounded", 9)}),
    ("ar", "قتل مسلحان تسعة مصلين في مسجد بمدينة كانو.", "CIV.ATTACK", {("killed", 9)}),
    ("ar", "اختطف ستة مسلحين ثلاثة مزارعين قرب تيرا في النيجر.", "CIV.ABDUCTION", {("abducted", 3)}),
    ("ar", "قتل مسلحان في هجوم على غاو في مالي.", "CIV.ATTACK", {("killed", 2)}),
    ("ar", "قتل ستة جنود وثلاثة مدنيين في هجوم على غاو في مالي.", "BAT.ATTACK_MIL", {("killed", 6), ("killed", 3)}),
    ("ha", "'Yan bindiga biyu sun kashe masallata tara a Jos a Najeriya.", "CIV.ATTACK", {("killed", 9)}),
    ("ha", "'Yan bindiga goma sun sace mutane uku a Zamfara a Najeriya.", "CIV.ABDUCTION", {("abducted", 3)}),
    ("ha", "An kashe 'yan bindiga biyu a Zamfara a Najeriya.", "BAT.OPERATION", {("killed", 2)}),
    # bodies are counted themselves, corps of an army are not
    ("fr", "Des hommes armés ont tiré sur une mosquée à Téra, au Niger, laissant neuf corps dans la cour.", "CIV.ATTACK", {("killed", 9)}),
    ("fr", "Des jihadistes ont attaqué Gao, au Mali, où trois corps d'armée sont déployés.", "BAT.ATTACK_MIL", set()),
    ("en", "Gunmen stormed a market in Tera, Niger; nurses counted between 12 and 14 bodies.", "CIV.ATTACK", {("killed", 12)}),
    ("en", "Gunmen stormed a market in Tera, Niger, a town of two regional bodies.", "CIV.ATTACK", set()),
    # not one of them
    ("en", "Troops killed nine terrorists near Gao in Mali and not a single soldier was hurt.", "BAT.OPERATION", {("killed", 9), ("wounded", 0)}),
    ("fr", "L'armée a neutralisé neuf terroristes à Gao, au Mali ; pas un seul militaire n'a été blessé.", "BAT.OPERATION",
     {("killed", 9), ("wounded", 0)}),
    ("ha", "Sojoji sun kashe mayaka tara a Borno a Najeriya, babu ko soja daya da ya rasa ransa.", "BAT.OPERATION",
     {("killed", 9), ("killed", 0)}),
    ("ha", "Sojoji sun kashe mayaka tara a Borno a Najeriya, amma soja daya ya rasa ransa.", "BAT.OPERATION",
     {("killed", 9), ("killed", 1)}),
    # lists of ranks add up, also with "other"
    ("fr", "Un colonel et trois capitaines ont été condamnés à Bamako, au Mali, pour complot.", "POL.ARREST", {("arrested", 4)}),
    ("en", "A court in Bamako, Mali, jailed two generals and seven other officers for twenty years.", "POL.ARREST", {("arrested", 9)}),
    # nine, of those who are named before it
    ("ha", "Matafiya tara ne suka rasa rayukansu a harin 'yan bindiga a Katsina a Najeriya.", "CIV.ATTACK", {("killed", 9)}),
    ("ha", "'Yan bindiga sun kashe mutum biyu a wurin da aka tara kifi a Bosso a Nijar.", "CIV.ATTACK", {("killed", 2)}),
    ("ha", "Rikicin manoma da makiyaya ya yi ajalin mutum bakwai a Bokkos a Najeriya.", "CIV.COMMUNAL", {("killed", 7)}),
    # who has not come back is not returned
    ("ha", "Dalibai goma ba su koma gida ba bayan mahara sun yi awon gaba da su a Maradi a Nijar.", "CIV.ABDUCTION", {("abducted", 10)}),
    # Arabic verbs of falling and of taking lives
    ("ar", "سقط 14 جنديا في كمين قرب غاو في مالي.", "BAT.ATTACK_MIL", {("killed", 14)}),
    ("ar", "سقطت قذيفة على سوق في تيرا في النيجر فأودت بأربعة تجار.", "REM.SHELLING", {("killed", 4)}),
    ("ar", "انفجر لغم تحت شاحنة للجيش قرب غاو في مالي فقتل ثلاثة جنود ونقل خمسة إلى المستشفى.", "REM.IED", {("killed", 3), ("wounded", 5)}),
    # people who died where soldiers were attacked are no civilians for it
    ("en", "Gunmen ambushed soldiers near Gao in Mali and nine people were killed.", "BAT.ATTACK_MIL", {("killed", 9)}),
    ("fr", "Des hommes armés ont attaqué un poste de l'armée près de Gao, au Mali, tuant neuf personnes.", "BAT.ATTACK_MIL", {("killed", 9)}),
    ("ha", "Mahara sun kai hari kan sojoji a Téra a Nijar, inda mutum tara suka mutu.", "BAT.ATTACK_MIL", {("killed", 9)}),
    # one of them
    ("en", "Rockets hit the airport of Gao in Mali on Monday; one airport employee was injured.", "REM.SHELLING", {("wounded", 1)}),
    # nobody died in an attack that is told
    ("fr", "Aucun mort n'a été signalé dans l'attaque de Gao, au Mali, mardi.", "CIV.ATTACK", {("killed", 0)}),
    ("en", "No one was killed in the attack on Maiduguri on Tuesday.", "CIV.ATTACK", {("killed", 0)}),
    ("ar", "لم يسقط أي قتيل في الهجوم على قرية قرب غاو في مالي يوم الثلاثاء.", "CIV.ATTACK", {("killed", 0)}),
]  # fmt: skip

TOLLS = [
    # a toll in a sentence of its own
    ("fr", ("Des jihadistes ont attaqué mardi le camp militaire de Djibo, au Burkina Faso. Le bilan provisoire : quatre militaires tombés et neuf "
     "blessés."), "BAT.ATTACK_MIL", {("killed", 4), ("wounded", 9)}),
    ("en", ("Police fired tear gas on Tuesday to disperse protesters in Bamako, Mali. Two people were injured and about 20 arrested, a police "
     "source said."), "UNR.FORCE", {("wounded", 2)}),
    ("en", "Jets bombed a village near Damasak in Nigeria on Monday. Fishermen speak of nine civilians killed.", "REM.AIR_DRONE", {("killed", 9)}),
    ("ha", "Mahara sun kai hari a sansanin sojoji a Bankilare a Nijar ranar Talata. Soja daya ya rasa ransa.", "BAT.ATTACK_MIL", {("killed", 1)}),
    ("ar", "هاجم مسلحون معسكرا للجيش في غاو في مالي يوم الثلاثاء. وقتل سبعة جنود.", "BAT.ATTACK_MIL", {("killed", 7)}),
    # also where the wounded are treated, and where those sit who tell of it
    ("ha", "Motar jandarmomi ta taka nakiya a Makalondi a Nijar ranar Litinin, uku suka mutu. Wasu biyu na jinya a Yamai.", "REM.IED",
     {("killed", 3), ("wounded", 2)}),
    ("en", "Jets bombed a camp near Damasak in Nigeria on Monday. Some 30 fighters died, the army in Maiduguri said.", "REM.AIR_DRONE",
     {("killed", 30)}),
    ("fr", "Un convoi militaire a sauté sur une mine lundi près de Djibo, au Burkina Faso. Neuf soldats blessés sont soignés à Ouagadougou.",
     "REM.IED", {("wounded", 9)}),
    ("en", "Troops killed nine terrorists near Damasak in Nigeria on Monday. No soldier was killed but three were injured.",
     "BAT.OPERATION", {("killed", 9), ("killed", 0), ("wounded", 3)}),
    # a mark parts a number from whom it does not count
    ("en", "Gunmen attacked a mosque in Tera, Niger, on Monday. A local association lists 17 dead; a nurse wept.", "CIV.ATTACK", {("killed", 17)}),
    # of an army's account: whose losses they are
    ("fr", ("Les FAMa ont mené une opération de ratissage dans la forêt du Wagadou. Le bilan fait état de 31 terroristes neutralisés. Côté ami, il "
     "est à déplorer un mort et quatre blessés."), "BAT.OPERATION", {("killed", 31), ("killed", 1), ("wounded", 4)}),
    # fighters do not die by their own mine
    ("en", ("An army vehicle hit a mine near Makalondi, Niger, killing three soldiers. Eleven terrorists were killed, the army said."), "REM.IED",
     {("killed", 3)}),
    # parts of a toll are no further toll
    ("en", ("Gunmen ambushed an army convoy near Gao in Mali, killing nine soldiers and wounding 14. Three of the wounded are in critical "
     "condition."), "BAT.ATTACK_MIL", {("killed", 9), ("wounded", 14)}),
    # nor is what a flood or an accident did, or was told at another place
    ("en", "Gunmen attacked a village near Dori, Burkina Faso. Flooding has killed 40 people since July.", "CIV.ATTACK", set()),
    ("ar", "هاجم مسلحون قرية قرب غاو في مالي. وأدت الفيضانات إلى مقتل 40 شخصا منذ يوليو.", "CIV.ATTACK", set()),
    ("ha", "'Yan bindiga sun kai hari kauyen Dogo a Zamfara. Ambaliyar ruwa ta kashe mutum 40 tun watan Yuli.", "CIV.ATTACK", set()),
    ("fr", "Des hommes armés ont attaqué un camp à Ménaka, au Mali. Un accident de car a fait 12 morts.", "BAT.ATTACK_MIL", set()),
    ("fr", "Des hommes armés ont attaqué un camp à Ménaka, au Mali. La semaine dernière, on avait compté 12 morts.", "BAT.ATTACK_MIL", set()),
    ("fr", "Des jihadistes ont attaqué un camp à Gao, au Mali. Un soldat blessé raconte : « Ils étaient 40. »", "BAT.ATTACK_MIL", set()),
    # nor is what another day or another act had
    ("fr", "Des jihadistes ont attaqué mardi le camp militaire de Djibo, au Burkina Faso. En août 2024, 200 civils avaient péri à Barsalogho.",
     "BAT.ATTACK_MIL", set()),
    ("ar", "قتل الجيش تسعة مسلحين قرب أباله في النيجر يوم الأحد. وفي اليوم التالي هاجم مسلحون قرية مجاورة وقتلوا أربعة من سكانها.", "CIV.ATTACK",
     {("killed", 4)}),
    # a toll that was raised replaces the one before, on whatever day
    ("fr", "Une attaque à Téra, au Niger, a fait 12 morts, selon un premier bilan. Le bilan est passé à 17 morts mercredi matin.",
     "CIV.ATTACK", {("killed", 17)}),
    ("fr", ("Une attaque a fait 12 morts jeudi à Téra, au Niger, selon un premier bilan. Le bilan de l'attaque de Téra est passé à 17 morts "
     "mardi."), "CIV.ATTACK", {("killed", 17)}),
    ("fr", "Le bilan de l'attaque de Téra, au Niger, passe de 12 à 17 morts.", "CIV.ATTACK", {("killed", 17)}),
    ("en", "The death toll from the attack on Tera, Niger, rose to 23 from 15.", "CIV.ATTACK", {("killed", 23)}),
    ("en", "Gunmen attacked a village near Tera, Niger, killing 15 people on Monday. The death toll has risen from 15 to 23.", "CIV.ATTACK",
     {("killed", 23)}),
    ("ar", "قتل 12 شخصا في هجوم على قرية قرب تيرا في النيجر يوم الاثنين. وارتفعت حصيلة القتلى إلى 17 قتيلا يوم الثلاثاء.", "CIV.ATTACK",
     {("killed", 17)}),
    ("ha", "'Yan bindiga sun kashe mutum 12 a Tera a Nijar ranar Litinin. Adadin wadanda suka mutu ya karu zuwa 17 ranar Talata.", "CIV.ATTACK",
     {("killed", 17)}),
    # but not the toll of a year, nor of what is only counted from one number to another
    ("fr", "Une attaque à Téra, au Niger, a fait 12 morts mardi. Depuis janvier, le bilan du conflit est passé à 1 800 morts.", "CIV.ATTACK",
     {("killed", 12)}),
    ("en", "Gunmen killed 15 to 23 people in Tera, Niger, on Monday.", "CIV.ATTACK", {("killed", 15)}),
]  # fmt: skip


def quantities(language: str, text: str, code: str) -> set[tuple[str, int]]:
    """Kind and lower bound of the counts of the events of a type; it is an error when there is none."""
    tagged = Tagger.load().tag(
        Taggable(article_id="q", text=text, language=language, published="2026-10-14", country="ML")
    )
    events = [event for event in tagged.events if event.event_type == code]
    assert events, [event.event_type for event in tagged.events]
    return {(q.kind, q.low) for event in events for q in event.quantities}


@pytest.mark.parametrize(("language", "text", "code", "expected"), TOLD)
def test_counts_of_a_sentence(language: str, text: str, code: str, expected: set[tuple[str, int]]) -> None:
    """Each count has its kind and its sum; who is no victim and what is no count is left out."""
    assert quantities(language, text, code) == expected


@pytest.mark.parametrize(("language", "text", "code", "expected"), TOLLS)
def test_a_toll_belongs_to_the_act_it_sums_up(
    language: str, text: str, code: str, expected: set[tuple[str, int]]
) -> None:
    """It is neither counted twice nor given to another act."""
    assert quantities(language, text, code) == expected


@pytest.mark.parametrize(
    ("language", "text", "code", "group"),
    [
        (
            "fr",
            "Un premier exercice commun réunira 450 hommes en décembre à Dapaong, au Togo.",
            "MIL.EXERCISE",
            "state_forces",
        ),
        (
            "en",
            "Six hundred men of the rapid intervention force were deployed to Bol in Chad.",
            "MIL.DEPLOY",
            "state_forces",
        ),
        (
            "fr",
            "Onze hommes ont déposé leurs fusils et se sont rendus à Toma, au Burkina Faso.",
            "GRP.SURRENDER",
            "armed_group",
        ),
        ("en", "Boko Haram fighters abducted 31 villagers in Kolofata, Cameroon.", "CIV.ABDUCTION", "civilian"),
        ("en", "Gunmen abducted 31 pupils in Kuta, Nigeria.", "CIV.ABDUCTION", "education"),
        ("ha", "'Yan bindiga sun sace dalibai 31 a Kuta a Najeriya.", "CIV.ABDUCTION", "education"),
        (
            "fr",
            "Quatorze anciens fidèles de Boko Haram se sont rendus à Diffa, au Niger.",
            "GRP.SURRENDER",
            "armed_group",
        ),
        ("fr", "Quatorze fidèles ont été enlevés dans une église à Kuta, au Nigeria.", "CIV.ABDUCTION", "civilian"),
        (
            "en",
            "ECOWAS approved a 2,000-strong standby force to be stationed in Abuja.",
            "MIL.JOINT_FORCE",
            "igo_force",
        ),
        (
            "en",
            "The army lost eleven men when its camp at Tiwoli, Togo, was attacked.",
            "BAT.ATTACK_MIL",
            "state_forces",
        ),
        ("en", "Hundreds of women marched in Bamako, Mali, on Monday to demand fuel.", "UNR.PROTEST", "protesters"),
        (
            "ha",
            "Jiragen sojin Mali sun kai hari ta sama inda suka kashe mayakan IS 18 a Ménaka.",
            "REM.AIR_DRONE",
            "armed_group",
        ),
    ],
)
def test_whom_a_count_counts(language: str, text: str, code: str, group: str) -> None:
    """General nouns take their group from the act, and a name between noun and number does not part them."""
    tagged = Tagger.load().tag(
        Taggable(article_id="q", text=text, language=language, published="2026-10-14", country="ML")
    )
    assert [q.who for event in tagged.events if event.event_type == code for q in event.quantities] == [group]


def test_an_act_whose_toll_was_raised_is_one_event() -> None:
    """On the day on which it was told first."""
    text = (
        "Une attaque a fait 12 morts vendredi à Téra, au Niger, selon un premier bilan. "
        "Le bilan de l'attaque de Téra est passé à 17 morts mardi."
    )
    tagged = Tagger.load().tag(Taggable(article_id="q", text=text, language="fr", published="2026-10-14", country="NE"))
    (event,) = tagged.events
    assert (event.date_start, [(q.low, q.high) for q in event.quantities]) == ("2026-10-09", [(17, 17)])


def test_the_wounded_are_not_where_they_are_flown_to() -> None:
    """A place to which somebody is evacuated is not where the act was, nor what is told next."""
    text = (
        "Des jihadistes ont attaqué mardi le camp de Banikoara, au Bénin. Neuf soldats ont été blessés et évacués par hélicoptère sur Parakou. "
        "Une mine a ensuite tué deux soldats."
    )
    tagged = Tagger.load().tag(Taggable(article_id="q", text=text, language="fr", published="2026-10-14", country="BJ"))
    assert {event.location.name for event in tagged.events if event.location} == {"Banikoara"}
