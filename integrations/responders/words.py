"""The words of a text that carry meaning, brought to a common form, in any language."""

import functools
import re
import unicodedata

# \w leaves out the vowel signs and joiners of many scripts, which belong to words.
WORD = re.compile(r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e31-\u0fbc\u102b-\u109d\u17b4-\u17d3]+")
# Scripts written without spaces: two neighbours make a word.
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")
SUFFIXES = ("ies", "s", "y", "e", "ation", "ment", "ing", "ion", "ed", "er", "en")
STEM = 3

# English, with greetings and the verbs that any question may hold; German, French, Spanish, Portuguese, Italian, Dutch.
_LISTED = """
    a about after all also am an and any are as at be because been before being but by can cannot could did do does
    doing don done for from get give go got had has have he her here him his how i if in into is isn it its just
    know let like ll may me might more most much my need no not now of on one only or other our out own please re s
    she should so some such t tell than that the their them then there these they this those to too under up us ve
    very want was we were what when where which while who why will with would yes you your hello hey hi thank thanks
    good morning afternoon evening day bye goodbye welcome ok okay sorry dear greetings question help anyone someone
    something anything
    aber als auch auf aus bei bin bis da das dass dein dem den der des die dir doch du ein eine einem einen einer
    eines er es für gibt habe haben hat hallo ich ihr im ist ja kann kannst können man mein meine mich mir mit nach
    nicht noch oder sie sich sind und uns von war wann warum wer wie wir wird wo zu zum zur danke bitte guten
    morgen abend
    ai au aux avec bonjour bonsoir ce ces cette dans de elle en est et être il ils je la le les leur lui ma
    mais merci mes moi mon ne nos notre nous ou où par pas peut peux pour pourquoi puis quand que quel quelle
    qui sa salut se ses son sont sur ta te tes ton tu un une vos votre vous
    al como con cuando del donde el ella eres esta este gracias hay hola las lo los mi mis muy o para pero por
    porque puede puedo qué cómo ser si sin sobre su sus una y yo ao com dos e ela ele em essa esse eu foi isso mas
    meu minha na nas nem não obrigado olá os pela pelo pode posso qual quando seu sua são um uma você alla che chi
    ci ciao come cosa cui dal dei della di dove gli grazie ho io nel non per perché più quale questo sono sul tra
    uno aan bij dan dat deze dit een het hoe hoi ik kan kunnen maar met mijn naar niet nog om onze ook op tot uit
    van voor waar wanneer wat wel wij zijn zo u uw
"""
STOP_WORDS = frozenset(_LISTED.split())


def words(text: str) -> list[str]:
    """Its stems in their order, without stop words."""
    found: list[str] = []
    for word in WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        if UNSPACED.search(word):
            found += _pairs(word)
        elif word not in STOP_WORDS:
            found.append(stem(word))
    return found


@functools.lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A light stem, the same for refund, refunds, refunded and refunding. Need not be a word."""
    for suffix in SUFFIXES:
        if word.endswith(suffix) and not word.endswith("ss") and len(word) - len(suffix) >= STEM:
            word = word.removesuffix(suffix)
    return word[:-1] if len(word) > STEM and word[-1] == word[-2] else word


def _pairs(word: str) -> list[str]:
    """Pairs of neighbours for a run without spaces; a part in another script stays a word."""
    found: list[str] = []
    end = 0
    for run in UNSPACED.finditer(word):
        found += [stem(word[end : run.start()])] if run.start() > end else []
        text = run.group()
        found += [text[at : at + 2] for at in range(max(1, len(text) - 1))]
        end = run.end()
    return found + ([stem(word[end:])] if end < len(word) else [])
