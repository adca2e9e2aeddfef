"""Requests that people make by letter, beyond what the tables for any text hold: on post, on everything, on their data.

Patterns are read against one folded sentence (see `mail_sentences.fold`): lower case, no accents, no punctuation. The
first row that matches decides about its sentence; a guard stands first and says that a sentence asks for nothing.
"""

import re
from typing import Final, Literal, NamedTuple

from consent.classify.mail_sentences import sentences

Scope = Literal["nothing", "post", "email", "everything", "data"]
"""What a sentence asks to be free of. `everything` is e-mail and post; `data` is a deletion, and so an opt-out of e-mail."""


class Phrase(NamedTuple):
    row: str
    language: str
    scope: Scope
    pattern: str
    example: str


class Found(NamedTuple):
    row: str
    language: str
    scope: Scope


SOME: Final = r"(?:\w+ ){0,4}?"
EN_PAPER: Final = (
    r"(?:snail ?mails?|postal mail|paper mail|physical mail|regular mail|direct mail|us mail|usps|mailers?|"
    r"catalogs?|catalogues?|letters?|brochures?|flyers?|fliers?|leaflets?|postcards?|magazines?|circulars?|pamphlets?|"
    r"printed (?:mail|material|matter)s?|junk mail|coupons?|by post|through the post|in the post|postal (?:mailing|address)|"
    r"my (?:letter ?box|mail ?box|home address|house|door|doorstep)|to my (?:home|house|address))"
)
EN_STOP: Final = (
    r"(?:stop|quit|cease|discontinue|no more|not any more|no further|dont|do not|never|no longer|end|cancel|opt(?:ing)? (?:me )?out|"
    r"unsubscribe|remove|take|delete|without|suppress|dont want|do not want|refuse)"
)
DE_PAPER: Final = r"(?:post|briefe?n?|briefpost|postwerbung|werbepost|werbebriefe?|kataloge?n?|prospekte?n?|postkarten?|broschuren?|werbesendungen)"
FR_PAPER: Final = r"(?:courriers?(?: postal| postaux| papier)?|lettres?|catalogues?|prospectus|brochures?|publicites? papier|par la poste)"
ES_PAPER: Final = r"(?:correo postal|cartas?|catalogos?|folletos?|correspondencia|publicidad en papel|por correo ordinario)"
IT_PAPER: Final = r"(?:posta cartacea|lettere|cataloghi|catalogo|volantini|opuscoli|per posta|corrispondenza|posta ordinaria)"
NL_PAPER: Final = r"(?:post|brieven|catalogi|catalogus|folders?|brochures?|drukwerk|reclamepost)"
PT_PAPER: Final = r"(?:cartas?|catalogos?|folhetos?|correspondencias?|correio postal|pelo correio|panfletos?)"

PHRASES: Final = (
    Phrase("guard.keep", "en", "nothing", r"\b(?:dont|do not|never|please not|not) (?:ever )?(?:stop|unsubscribe|remove|cancel)\b", "Don't stop sending the catalog!"),
    Phrase("guard.polite", "en", "nothing", r"\b(?:hesitate|forget|fail) to (?:contact|write|call|mail)\b", "Do not hesitate to contact me."),
    Phrase("guard.question", "en", "nothing", r"^(?:why|when|how come|did|have|has|where|who)\b", "Why did you stop sending the catalog?"),
    Phrase("guard.condition", "en", "nothing", r"^(?:if|unless|until|once|while|before|after) ", "If you do not contact me by Friday I will call."),
    Phrase("guard.wish", "en", "nothing", r"\b(?:love|like|enjoy|enjoyed|loved|thanks for|thank you for|keep) (?:\w+ ){0,4}?(?:catalogs?|letters?|snail ?mails?|mailings?|postcards?)", "I love your catalogs."),
    Phrase("guard.telephone", "en", "nothing", r"\b(?:contact|call|reach)\w* (?:\w+ ){0,3}?(?:by|via|on|at|over) (?:\w+ ){0,2}?(?:phone|telephone|cell|mobile|text|sms|whatsapp)\b", "Do not contact me by phone."),
    Phrase("guard.keep", "de", "nothing", r"\b(?:weiterhin|gerne weiter)\b", "Schicken Sie mir weiterhin Ihre Kataloge."),
    # Everything: words that leave no channel out.
    Phrase("everything.contact", "en", "everything", r"\b(?:do not|dont|never|stop|quit|cease|no longer|not) (?:ever |again |want you to |want to be |wish to be |wish you to |like to be |be )?contact(?:ed|ing)?\b", "Do not contact me again."),
    Phrase("everything.no_contact", "en", "everything", r"\b(?:no|cease|stop|end) (?:all |any )?(?:more |further |future )?(?:contact|communications?|correspondence|mailings?|solicitations?)\b", "No further correspondence, please."),
    Phrase("everything.mailing_list", "en", "everything", r"\b(?:remove|removed|take|taken|delete|deleted|drop|strike|unsubscribe|get|off|out) (?:\w+ ){0,5}?(?:from|off|of) (?:\w+ ){0,4}?(?<!email )(?<!e mail )(?<!sms )(?:mailings?(?: lists?)?|mailinglists?)\b", "Please take me off your mailing list."),
    Phrase("everything.lists", "en", "everything", r"\b(?:remove|take|delete|drop|unsubscribe) (?:\w+ ){0,4}?(?:from|off) (?:all|every|any)(?: of)?(?: your| the)? (?:lists?|communications?|correspondence|marketing|contact)\b", "Remove me from all of your lists."),
    Phrase("everything.alone", "en", "everything", r"^(?:please )?(?:just )?leave (?:me|us) alone\b", "Leave me alone."),
    Phrase("everything.contact", "de", "everything", r"\b(?:kontaktieren sie (?:mich|uns) (?:\w+ )?nicht|nicht (?:mehr|weiter) (?:zu )?kontaktier\w*|keine(?:n|rlei)? (?:weiteren? )?(?:kontakt|kontaktaufnahme)|kontakt\w* (?:\w+ ){0,2}?unterlassen)", "Bitte kontaktieren Sie mich nicht mehr."),
    Phrase("everything.contact", "fr", "everything", r"\b(?:ne (?:me |nous )?contactez (?:plus|pas)|ne (?:plus|pas) (?:me |nous )?contacter|plus etre contactee?s?)", "Ne me contactez plus."),
    Phrase("everything.contact", "es", "everything", r"\bno (?:quiero que |deseo que )?(?:me |nos )(?:vuelvan? a )?contact\w*|\bdejen? de contactar\w*", "No me contacten más."),
    Phrase("everything.contact", "it", "everything", r"\bnon (?:mi |ci )?(?:contatt\w*|voglio (?:piu )?essere contattat\w)", "Non mi contattate più."),
    Phrase("everything.contact", "nl", "everything", r"\b(?:neem (?:\w+ )?geen contact|niet (?:meer |langer )?(?:te )?(?:contacteren|benaderen)|geen contact meer|benader (?:mij|me|ons) niet)", "Neem geen contact meer met mij op."),
    Phrase("everything.contact", "pt", "everything", r"\bnao (?:quero que )?(?:me |nos )?(?:contat\w*|contact\w*|entrem? (?:mais )?em cont\w*)", "Não me contatem mais."),
    Phrase("everything.contact", "sv", "everything", r"\bkontakta (?:mig|oss) inte\b|\binte (?:bli )?kontakta\w*", "Kontakta mig inte igen."),
    Phrase("everything.contact", "tr", "everything", r"\biletisime gecme\w*", "Benimle iletişime geçmeyin."),
    Phrase("everything.contact", "pl", "everything", r"\bnie kontaktow\w*|\bnie kontaktuj\w*", "Proszę się ze mną nie kontaktować."),
    # Paper.
    Phrase("post.stop", "en", "post", rf"\b{EN_STOP} (?:\w+ ){{0,9}}?{EN_PAPER}\b", "Please stop sending me catalogs."),
    Phrase("post.none", "en", "post", rf"\bno (?:more |further |future |further )?{EN_PAPER}(?: please)?\b", "No letters please."),
    Phrase("post.removed", "en", "post", r"\b(?:remove|take|delete|drop|opt) (?:\w+ ){0,5}?(?:from|off|out of) (?:\w+ ){0,3}?(?:postal|direct|physical|paper|catalog|catalogue|print|address) (?:mail )?(?:mailings?|lists?|mail)", "Take us off your catalog list."),
    Phrase("post.stop", "de", "post", rf"\bkeine(?:rlei|n)? (?:\w+ ){{0,3}}?{DE_PAPER}\b|\b{DE_PAPER} (?:\w+ ){{0,3}}?(?:nicht mehr|abbestellen|einstellen)|\bper post\b.{{0,60}}\b(?:nicht|keine|abbestell\w*)|\b(?:nicht|keine|widerspreche)\b.{{0,80}}\bper (?:brief)?post\b|\baus (?:\w+ )?(?:post)?verteiler fur (?:post|briefe|kataloge)", "Bitte schicken Sie mir keine Kataloge mehr."),
    Phrase("post.stop", "fr", "post", rf"\b(?:plus|pas|arretez|cessez|stop|aucun) (?:\w+ ){{0,5}}?{FR_PAPER}\b", "Je ne veux plus recevoir de courrier postal."),
    Phrase("post.stop", "es", "post", rf"\b(?:no|dejen? de|basta de|sin|ni) (?:\w+ ){{0,5}}?{ES_PAPER}\b", "No quiero recibir más cartas."),
    Phrase("post.stop", "it", "post", rf"\b(?:non|niente|basta|stop|smett\w*) (?:\w+ ){{0,5}}?{IT_PAPER}\b", "Non voglio più ricevere posta cartacea."),
    Phrase("post.stop", "nl", "post", rf"\b(?:geen|stop\w*(?: met)?|niet (?:meer|langer)) (?:\w+ ){{0,4}}?{NL_PAPER}\b", "Geen brieven meer alstublieft."),
    Phrase("post.stop", "pt", "post", rf"\b(?:nao|parem? de|chega de|sem) (?:\w+ ){{0,5}}?{PT_PAPER}\b", "Não quero mais receber cartas."),
    Phrase("post.stop", "sv", "post", r"\b(?:inga|ingen|inte|sluta) (?:\w+ ){0,4}?(?:brev|kataloger|postreklam|fysisk post|reklamblad)\b", "Inga fler kataloger, tack."),
    # Data.
    Phrase("data.delete", "en", "data", r"\b(?:delete|erase|purge|remove|destroy|wipe) (?:all |any )?(?:of )?(?:my|our) (?:\w+ ){0,3}?(?:details|data|info|information|records?|contact|e ?mail(?: address)?)\b(?! (?:order|attachment|file))", "Please delete my details from your database."),
    Phrase("data.from_database", "en", "data", r"\b(?:delete|erase|purge|remove|take|drop) (?:\w+ ){0,5}?(?:from|off|out of) (?:\w+ ){0,2}?(?:databases?|data ?bases?|records|files|crm|system|contacts|contact list|address book)\b", "Remove me from your database."),
    Phrase("data.delete", "de", "data", r"\b(?:loschen|losche|loscht|entfernen|entferne) (?:\w+ ){0,3}?(?:meine|unsere|alle|mich|uns) (?:\w+ ){0,3}?(?:daten|e ?mail|mailadresse|adresse|kontaktdaten|datenbank)\b|\b(?:meine|unsere) (?:\w+ ){0,3}?daten (?:\w+ ){0,4}?(?:zu )?loschen\b", "Löschen Sie meine Daten!"),
    Phrase("data.delete", "fr", "data", r"\b(?:supprim\w*|effac\w*|retir\w*|enlev\w*) (?:\w+ ){0,3}?(?:mes|nos) (?:\w+ ){0,2}?(?:donnees|coordonnees|informations)\b|\b(?:supprim\w*|retir\w*|enlev\w*) (?:\w+ ){0,3}?de (?:votre|vos) (?:bases?|fichiers?|listes?)", "Supprimez mes données."),
    Phrase("data.delete", "es", "data", r"\b(?:borr\w*|elimin\w*|suprim\w*|quit\w*) (?:\w+ ){0,3}?(?:mis|mi|nuestros) (?:\w+ ){0,2}?(?:datos|informacion|correo|email)\b|\b(?:borr|elimin|quit|saqu)\w* (?:\w+ ){0,3}?de (?:su|sus|la) (?:base de datos|listas?)", "Borren mis datos, por favor."),
    Phrase("data.delete", "it", "data", r"\b(?:cancell\w*|elimin\w*|rimuov\w*) (?:\w+ ){0,3}?(?:miei|nostri) (?:\w+ ){0,2}?dati\b|\b(?:cancell\w*|rimuov\w*|togli\w*|elimin\w*)\w* (?:\w+ ){0,3}?(?:dal|dalla|dalle|dai) (?:\w+ ){0,2}?(?:database|lista|liste|elenco|mailing list)", "Cancellate i miei dati."),
    Phrase("data.delete", "nl", "data", r"\b(?:verwijder\w*|wis) (?:\w+ ){0,3}?(?:mijn|onze|mij|ons) (?:\w+ ){0,3}?(?:gegevens|data|e ?mail\w*|adres|bestand|lijst|database)\b|\b(?:mijn|onze) (?:\w+ ){0,2}?gegevens (?:\w+ ){0,3}?(?:te )?verwijderen", "Verwijder mijn gegevens."),
    Phrase("data.delete", "pt", "data", r"\b(?:apag\w*|exclu\w*|elimin\w*|remov\w*|delet\w*) (?:\w+ ){0,3}?(?:meus|nossos|meu) (?:\w+ ){0,2}?(?:dados|cadastro|email|e mail)\b", "Excluam os meus dados."),
    Phrase("data.delete", "sv", "data", r"\b(?:radera|ta bort|stryk) (?:\w+ ){0,3}?(?:mina|vara|mig) (?:\w+ ){0,2}?(?:uppgifter|data|register)?", "Radera mina uppgifter."),
    Phrase("data.delete", "tr", "data", r"\bverilerimi (?:\w+ ){0,2}?sil\w*|\bbilgilerimi (?:\w+ ){0,2}?sil\w*", "Verilerimi silin."),
    Phrase("data.delete", "pl", "data", r"\busun\w* (?:\w+ ){0,3}?(?:moje|moich|mych) (?:\w+ ){0,2}?dan\w*", "Proszę usunąć moje dane."),
    # E-mail, in words that letters use.
    Phrase("email.list", "en", "email", r"\b(?:remove|removed|take|taken|delete|drop|strike|get) (?:\w+ ){0,5}?(?:from|off|out of) (?:\w+ ){0,5}?(?:lists?|newsletters?|distribution|emails?|e mails?|subscriptions?)\b", "Kindly take me off from your email list."),
    Phrase("email.stop", "en", "email", r"\b(?:no|stop|cease|quit|end|dont want|do not want|not want)(?: sending| to receive| receiving| getting)?(?: me| us)?(?: any| these| your| the| all| more| further| future| anymore){0,3} (?:e ?mails?|newsletters?|e ?mailing)\b(?! (?:address|account|from (?:him|her|them)|yet|server|arriv|came))", "No further emails please."),
    Phrase("email.not", "en", "email", r"\b(?:dont|do not|never|stop|quit) (?:ever )?e ?mail(?:ing)?(?: me| us| this)", "Don't email me again."),
    Phrase("email.list", "de", "email", r"\b(?:nehmen|nimm|streichen|streich|entfernen|entferne|loschen|losche|tragen|trag) (?:\w+ ){0,6}?(?:aus|von) (?:\w+ ){0,3}?(?:verteiler\w*|liste\w*|newsletter\w*|mailing\w*)\b|\baus (?:\w+ ){0,2}?(?:verteiler|newsletter|mailingliste) (?:\w+ ){0,2}?(?:nehmen|streichen|austragen|entfernen|loschen)", "Bitte streichen Sie mich aus dem Verteiler."),
    Phrase("email.list", "tr", "email", r"\b(?:beni|bizi|adresimi|mailimi) (?:\w+ ){0,4}?(?:liste\w*|bulten\w*|abonelik\w*) (?:\w+ ){0,2}?(?:cikar\w*|sil\w*)|\b(?:mail|eposta|e posta) (?:\w+ )?(?:gondermeyin|atmayin|almak istemiyorum)|\babonelig\w* (?:\w+ )?iptal\w*", "Beni listeden çıkarın."),
    Phrase("email.stop", "pl", "email", r"\b(?:wypis\w*|wypisz\w*|usun\w*) (?:\w+ ){0,3}?(?:mnie|newslettera|listy|subskrypcji)|\bnie (?:chce|prosze|zycze) (?:\w+ ){0,3}?(?:maili|e maili|wiadomosci|newslettera)|\brezygnuje z (?:\w+ )?(?:newslettera|subskrypcji)", "Proszę o wypisanie mnie z newslettera."),
    Phrase("email.stop", "sv", "email", r"\b(?:avregistrera|avprenumerera|avsluta prenumeration\w*)\b|\binga? (?:fler|mer) (?:e ?post|mejl|mail|nyhetsbrev)\w*|\bta bort mig fran (?:\w+ )?(?:lista\w*|utskick\w*|nyhetsbrev\w*)", "Inga fler mejl, tack."),
    Phrase("email.stop", "da", "email", r"\b(?:afmeld|frameld)\w*\b|\bikke (?:\w+ ){0,3}?(?:flere )?(?:mails|emails|nyhedsbreve)\b|\bingen (?:flere )?(?:mails|nyhedsbreve)", "Afmeld mig venligst."),
    Phrase("email.stop", "fi", "email", r"\b(?:peruuta|peru|lopeta) (?:\w+ ){0,3}?(?:tilau\w*|uutiskirje\w*)|\bpoistakaa (?:\w+ ){0,2}?(?:minut|listalta)", "Peruuta uutiskirjeen tilaus."),
    Phrase("email.stop", "cs", "email", r"\b(?:odhlas\w*|odhlasit)\b (?:\w+ ){0,3}?(?:z|me|mne|odber\w*|newsletter\w*)|\bneposilejte (?:\w+ ){0,2}?(?:emaily|maily|newsletter)", "Prosím odhlaste mě z odběru."),
    Phrase("email.stop", "ru", "email", r"\bотпи(?:с|ш)\w*|\bне (?:\w+ ){0,3}?(?:присылайте|отправляйте|пишите|получать)\b|\bудалите (?:\w+ ){0,3}?(?:из|рассылк|базы)\w*", "Отпишите меня от рассылки."),
)  # fmt: skip

_COMPILED: Final = [(phrase, re.compile(phrase.pattern)) for phrase in PHRASES]


def read_phrases(text: str) -> list[Found]:
    """Give what each sentence of a person's own words asks for, in order; sentences that ask for nothing are left out."""
    found = (_first_row(sentence) for sentence in sentences(text))
    return [phrase for phrase in found if phrase is not None and phrase.scope != "nothing"]


def guarded(sentence: str) -> bool:
    row = _first_row(sentence)
    return row is not None and row.scope == "nothing"


def _first_row(sentence: str) -> Found | None:
    for phrase, pattern in _COMPILED:
        if pattern.search(sentence):
            return Found(f"{phrase.language}.{phrase.row}", phrase.language, phrase.scope)
    return None
