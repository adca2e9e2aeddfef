"""Requests in a person's own words, in a letter, and words that only look like one."""

from tests.consent.mail.letters import HELLO, HOME, UNSUBSCRIBE, decide, outcome
from tests.each import each

EMAIL_ONLY = [
    "unsubscribe me please",
    "Please remove me from this list",
    "Stop emailing me.",
    "I want to unsubscribe from your newsletter",
    "Remove my email address from your list",
    "I no longer wish to receive your emails",
    "Please delete my email from your database",
    "Delete all my data.",
    "How do I get off this email list?",
    "stop.",
    "Once again, please remove me from your list",
    "Please take me off\nyour distribution list",
    "I did not sign up for this. Remove me.",
    "Bitte nehmen Sie mich aus dem Verteiler.",
    "Bitte melden Sie mich vom Newsletter ab",
    "Ich möchte keine E-Mails mehr von Ihnen erhalten.",
    "Löschen Sie bitte meine Daten",
    "Hiermit widerspreche ich der Verarbeitung meiner Daten zu Werbezwecken.",
    "Désabonnez-moi",
    "Je ne souhaite plus recevoir vos e-mails.",
    "Merci de ne plus m’envoyer de mails",
    "Supprimez mes données personnelles",
    "No quiero recibir más correos",
    "Denme de baja",
    "Por favor eliminen mis datos",
    "Cancellatemi dalla lista",
    "Non voglio più ricevere le vostre email",
    "Vi prego di cancellare i miei dati",
    "Schrijf mij uit",
    "Ik wil geen nieuwsbrieven meer ontvangen",
    "Verwijder mijn gegevens",
    "Não me enviem mais emails",
    "Quero cancelar a inscrição",
    "Lütfen bana mail göndermeyin",
    "Aboneliğimi iptal edin",
    "Avregistrera mig",
    "Proszę o usunięcie moich danych",
]
EVERYTHING = [
    "Do not contact me any more",
    "take my name off your mailing list",
    "Leave me alone!",
    "I do not wish to be contacted",
    "Remove me from all mailings",
    "No further contact please",
    "Please stop mailing me",
    "Kontaktieren Sie mich nicht mehr",
    "Ne me contactez plus",
    "No me contacten más",
]
POST_ONLY = [
    "Stop sending me catalogs",
    "Please stop mailing letters to my home",
    "I would like to stop receiving your brochures.",
    "Please take us off your postal mailing list",
    "NO SNAIL MAIL",
    "Bitte schicken Sie mir keine Kataloge mehr",
    "Je ne veux plus recevoir de courrier postal",
    "No quiero recibir más cartas",
    "Non voglio più ricevere posta cartacea",
    "Geen brieven meer",
]
ORDINARY = [
    "Don't stop sending these!",
    "Why did you stop sending the newsletter?",
    "Please do not hesitate to contact me",
    "I love your catalogs, keep them coming",
    "When does the sale stop?",
    "Can you remove item 3 from my basket?",
    "Unsubscribe: https://news.example/u/1",
    "To unsubscribe click here: https://x.example/u",
    "Not interested",
    "No thank you.",
    "Nein danke",
    "I have not received any emails from you",
    "I got no email from you yesterday",
    "Ich habe noch keine Mail erhalten",
    "Je n'ai pas reçu votre mail",
    "If you do not hear from me by Monday, go ahead.",
    "Please send me the catalog",
    "Please add me to your mailing list",
    "Our bus stop is at 12 Main St, Reno, NV 89501",
    "I'm out of the office until Monday.",
]

WITH_AN_ADDRESS = [
    "I have never received your catalog. Please send it to:",
    "Please cancel my catalog order",
    "Do not bend the letter",
    "I don't want to miss your catalog",
    "My address changed. Please send mail to:",
    "Can you send me a paper copy by post?",
    "Can you take item 3 off the list?",
    "Can you delete the duplicates from the system?",
    "Je n'ai pas votre lettre",
    "No encuentro su carta",
    "Não encontrei o email",
    "Non trovo la mail",
    "Ich finde keine Mails von Ihnen",
    "Ik kan geen mail openen",
]


@each("words", EMAIL_ONLY)
@each("to", [UNSUBSCRIBE, HELLO])
def test_email(words: str, to: str) -> None:
    assert outcome(words, to=to) == ("suppress", "none")


@each("words", EVERYTHING)
def test_everything(words: str) -> None:
    assert outcome(words) == ("suppress", "review")
    assert outcome(f"{words}\n\n{HOME}") == ("suppress", "suppress")


@each("words", POST_ONLY)
def test_post(words: str) -> None:
    assert outcome(words) == ("none", "review")
    assert outcome(f"{words}:\n\n{HOME}") == ("none", "suppress")


@each("words", ORDINARY)
def test_ordinary(words: str) -> None:
    assert outcome(words) == ("none", "none")


@each("words", WITH_AN_ADDRESS)
def test_ordinary_words_with_an_address(words: str) -> None:
    assert outcome(f"{words}\n\n{HOME}") == ("none", "none")


def test_both_channels_in_one_sentence() -> None:
    assert outcome(f"Stop the emails and the catalogs.\n\n{HOME}") == ("suppress", "suppress")


def test_a_threat_goes_to_a_person() -> None:
    assert decide("If you keep sending letters I will call my lawyer").email == "review"


@each(
    ("body", "email"),
    [
        ("Sure.\n\nOn Mon, 3 Aug 2026 at 9:15, Sales <s@x.example> wrote:\n> unsubscribe me", "none"),
        ("Gerne!\n\nAm Mo., 3. Aug. 2026 um 09:15 Uhr schrieb S <s@x.example>:\n\nZum Abmelden hier klicken", "none"),
        ("Ok\n\n-----Original Message-----\nFrom: x\nPlease unsubscribe me", "none"),
        ("ok\n-- \nReply STOP to unsubscribe", "none"),
        ("> How are you?\n\nPlease unsubscribe me", "suppress"),
        ("On Mon, 3 Aug 2026, Sales wrote:\n> Sale!\n\nPlease take me off this list.", "suppress"),
    ],
)
def test_only_own_words_count(body: str, email: str) -> None:
    assert decide(body).email == email


@each(
    ("subject", "email"),
    [
        ("Please remove me from your list", "suppress"),
        ("Re: Unsubscribe", "suppress"),
        ("AW: Abmelden", "suppress"),
        ("Re: Stop paying too much", "none"),
        ("Re: How to unsubscribe from noise", "none"),
        ("Re: Fwd: Please remove clutter from your list of chores", "none"),
    ],
)
def test_subject(subject: str, email: str) -> None:
    assert decide("thanks", subject=subject).email == email
