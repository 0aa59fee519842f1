"""The language of short texts, and the languages that must not be taken for one of the four."""

import pytest

from transforms.extraction.languages import detect_language

TWENTY_WORDS = [
    ("Le gouverneur de la région a annoncé mardi la réouverture du pont, fermé depuis les pluies du mois d'août dernier.", "fr"),
    ("Des éleveurs venus de trois départements se sont réunis pour parler des couloirs de passage et des puits du nord.", "fr"),
    ("The governor said on Tuesday that the bridge, which had been closed since the August rains, would open again soon.", "en"),
    ("Herders from three districts met to talk about cattle tracks and about the wells that were dug in the north.", "en"),
    ("أعلن والي المنطقة يوم الثلاثاء إعادة فتح الجسر المغلق منذ أمطار شهر أغسطس الماضي أمام جميع أنواع الشاحنات والحافلات", "ar"),
    ("اجتمع مربو الماشية القادمون من ثلاث مقاطعات لبحث ممرات العبور والآبار التي حفرت في شمال البلاد خلال السنة", "ar"),
    ("Gwamnan jihar ya ce za a sake bude gadar da aka rufe tun bayan ruwan sama na watan Agusta da ya gabata.", "ha"),
    ("Makiyaya daga kananan hukumomi uku sun yi taro domin tattauna hanyoyin shanu da rijiyoyin da aka haka a arewa.", "ha"),
    ("LE GOUVERNEUR DE LA RÉGION A ANNONCÉ MARDI LA RÉOUVERTURE DU PONT FERMÉ DEPUIS LES PLUIES DU MOIS D'AOÛT", "fr"),
]  # fmt: skip
OTHERS = {
    "bm": "Mali jamana ɲɛmɔgɔ ye kuma fɔ jamanadenw ye sigikafɔ dɔ sen fɛ. A ko sɔrɔdasiw bɛ baara kɛ walasa ka lakana sabati.",
    "bm plain": "Mali jamana kono bi, sorodasiw ye binkannikelaw kele Mopti mara la. Jamanakuntigi ko u bena baara ke ka lakana sabati.",
    "ff": "Gomnaati Mali hollii wonde soldateeɓe mum en mbarii yimɓe sappo e nder wuro Mopti hannde. Yimɓe wuro ngo mbi'i ɓe ndogi.",
    "dje": "Nizer laabo ra, soojey na boro iway wi Tilaberi laabu ra hunkuna. Laabo jine bora ne kaŋ i ga laakal kaanay ceeci.",
    "ses": "Mali gandaa ra, soojey nda wongaarey na cere kar Gao laamaa here. Koyraa borey nee kaŋ i maa malfa heenaa cijinoo kul.",
    "taq": "Imidiwan win Kel Ataram nnan as eqqalan s akal nasan, dagh Kidal d Gao, wer t-illa alxer dagh tenere iket nasnat.",
    "taq tifinagh": "ⵉⵎⵓⵀⴰⵖ ⵏ ⴰⵣⴰⵡⴰⴷ ⴰⵙⵍⵏ ⵉ ⵜⵉⵙⴰⵙ ⴷⴰⵖ ⴽⵉⴷⴰⵍ ⴷ ⴳⴰⵓ ⴰⵙⵍ ⴷⴰⵖ ⵜⵏⵔⵉ",
    "yo": "Àwọn ọmọ ogun Nàìjíríà ti pa àwọn agbébọn mẹ́wàá ní ìpínlẹ̀ Zamfara ní ọjọ́ Ajé. Gómìnà ìpínlẹ̀ náà ní ìjọba yóò.",
    "fa": "نیروهای ارتش مالی روز دوشنبه ده شبه نظامی را در نزدیکی مرز کشتند و چند نفر دیگر را دستگیر کردند، وزیر دفاع گفت",
    "ur": "مالی کی فوج نے پیر کے روز سرحد کے قریب دس جنگجوؤں کو ہلاک کر دیا اور کئی دوسرے گرفتار کر لیے، وزیر دفاع نے کہا",
    "pt": "O exército do Mali anunciou na segunda-feira que nove soldados morreram numa emboscada perto da fronteira com o Níger.",
    "es": "El ejército de Malí anunció el lunes que nueve soldados murieron en una emboscada cerca de la frontera con Níger.",
    "sw": "Jeshi la Mali limesema kuwa wanajeshi tisa wameuawa katika shambulizi la kuvizia karibu na mpaka wa Niger siku ya Jumatatu.",
}  # fmt: skip


@pytest.mark.parametrize(("text", "code"), TWENTY_WORDS)
def test_twenty_words(text: str, code: str) -> None:
    """Twenty words are enough for each of the four languages, capitals included."""
    found, confidence = detect_language(text)
    assert found == code
    assert confidence is not None
    assert 0 < confidence <= 1


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_other_languages_are_not_one_of_the_four(name: str) -> None:
    """A text in another language of the region gets its own code or none, never a tagged language."""
    found, _ = detect_language(OTHERS[name])
    assert found not in {"fr", "en", "ar", "ha"}


@pytest.mark.parametrize("text", ["", "RFI", "2026 - 11 - 09", "***", "a b"])
def test_too_short(text: str) -> None:
    """What holds next to no words has no language."""
    assert detect_language(text) == (None, None)


def test_hint_is_not_the_answer() -> None:
    """A feed that calls itself French does not make an Arabic or a Hausa text French."""
    assert detect_language(TWENTY_WORDS[4][0], hint="fr")[0] == "ar"
    assert detect_language(TWENTY_WORDS[6][0], hint="fr")[0] == "ha"
