"""`explain_webhook` about mail providers."""

from consent.anymail_views import reader_of
from consent.intake.mail_providers import MAIL_PROVIDERS
from consent.mail_explain import explain_mail_webhook
from tests.consent.esp.posts import ESPS, ORIGIN, WHO, Esp, path_of
from tests.each import each

every_esp = each("esp", ESPS.values())


@every_esp
def test_what_a_post_tells_of_and_whether_it_would_be_believed(esp: Esp) -> None:
    post = esp.post(esp.bounce(WHO))
    url = f"{ORIGIN}{path_of(esp.name)}"
    item = {"provider": esp.name, "url": url, "headers": dict(post.headers), "body": post.body.decode()}
    item["content_type"] = post.content_type
    told = explain_mail_webhook(item)
    assert (told["valid"], told["status"], told["events"][0]["meaning"]) == (None, 200, "hard_bounce")
    assert explain_mail_webhook({**item, "secret": esp.secret})["valid"] is True
    assert explain_mail_webhook({**item, "secret": "some:other"})["status"] == 403


@each("provider", MAIL_PROVIDERS)
def test_each_provider_can_be_asked_about(provider: str) -> None:
    assert reader_of(provider).signal is not None or provider == "mandrill"
