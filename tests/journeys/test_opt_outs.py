"""A person says no in each of the ways, and a sender's check obeys: over real servers, signatures and protocols."""

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.instance import Instance, new_address, new_number, until


def test_a_stop_text_silences_the_number(running: Instance) -> None:
    number = new_number()
    assert running.check("sms", number, "service")["reason"] == "service"
    assert running.twilio(number, "Stop.").status_code == 200
    assert running.check("sms", number, "offers")["allowed"] is False
    answer = running.eventually("sms", number, "offers", reason="opted_out")
    assert (answer["allowed"], answer["scope"]) == (False, "controller:acme")
    assert answer["evidence"] is not None
    assert running.check("sms", number, "service")["reason"] == "opted_out"


@pytest.mark.parametrize("text", ["REVOKE", "optout", "Opt out", " STOP ALL!! ", "stopall", "Stop, thank you", "ARRÊT"])
def test_the_words_that_always_revoke(running: Instance, text: str) -> None:
    number = new_number()
    running.twilio(number, text)
    running.eventually("sms", number, "offers", reason="opted_out")


def test_stopall_reaches_everything(running: Instance) -> None:
    number = new_number()
    running.twilio(number, "STOPALL")
    assert running.eventually("sms", number, "offers", reason="opted_out")["scope"] == "everything"


def test_free_language_is_understood_and_no_word_is_taken_out_of_its_sentence(running: Instance) -> None:
    asking, talking = new_number(), new_number()
    running.twilio(asking, "please take me off your texting list")
    running.twilio(talking, "We have got to STOP this terrible bill")
    running.eventually("sms", asking, "service", reason="opted_out")
    assert running.eventually("sms", talking, "service", allowed=True)["reason"] == "service"


def test_what_is_in_doubt_stays_held_for_a_person(running: Instance) -> None:
    number = new_number()
    running.twilio(number, "wrong number")
    sql = "SELECT 1 FROM consent_review r JOIN consent_inbound i ON i.id = r.inbound_id WHERE i.state = 'review'"
    running.eventually("sms", number, "service", reason="held")
    until(lambda: bool(running.query(sql)))
    assert running.check("sms", number, "offers")["also"] == []
    assert running.check("sms", number, "offers")["reason"] == "held"


@pytest.mark.parametrize(
    ("verdict", "text", "reason"), [("STOP", "have a nice day", "opted_out"), ("HELP", "stop", "service")]
)
def test_the_gateways_own_verdict_outranks_the_text(running: Instance, verdict: str, text: str, reason: str) -> None:
    number = new_number()
    running.twilio(number, text, OptOutType=verdict)
    running.eventually("sms", number, "service", reason=reason)


def test_start_lifts_only_what_stop_set(running: Instance) -> None:
    number = new_number()
    running.tell("sms", number, "opt_out", "events")
    running.twilio(number, "STOP")
    running.eventually("sms", number, "service", reason="opted_out")
    running.twilio(number, "START")
    running.eventually("sms", number, "service", allowed=True)
    assert running.check("sms", number, "events")["reason"] == "opted_out"


def test_an_older_start_never_beats_a_newer_stop(running: Instance) -> None:
    number = new_number()
    running.generic(number, "STOP", said_at="2026-03-01T12:00:00Z")
    running.generic(number, "START", said_at="2026-03-01T12:00:00Z")
    running.generic(number, "START", said_at="2026-03-01T11:59:59Z")
    running.eventually("sms", number, "service", reason="opted_out")
    running.generic(number, "START", said_at="2026-03-01T12:00:01Z")
    running.eventually("sms", number, "service", allowed=True)


def test_a_delivery_repeated_ten_times_has_one_effect(running: Instance) -> None:
    number = new_number()
    for _ in range(10):
        assert running.twilio(number, "STOP", sid=f"SM{number}").status_code == 200
    running.eventually("sms", number, "service", reason="opted_out")
    before = running.query("SELECT count(*) FROM consent_inbound")
    running.twilio(number, "STOP", sid=f"SM{number}")
    assert running.query("SELECT count(*) FROM consent_inbound") == before


def test_a_forged_webhook_is_refused_and_writes_nothing(running: Instance) -> None:
    number = new_number()
    before = running.query("SELECT count(*) FROM consent_inbound")
    fields = {"MessageSid": "SM1", "From": number, "To": "+15550100001", "Body": "STOP"}
    for headers in ({}, {"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}):
        assert running.outside.post("/webhooks/sms/twilio/acme", data=fields, headers=headers).status_code == 403
    assert running.outside.post("/webhooks/sms/twilio/nobody", data=fields).status_code == 403
    assert running.query("SELECT count(*) FROM consent_inbound") == before


def test_a_valid_webhook_passes_behind_a_proxy(running: Instance) -> None:
    """The gateway signs our public URL; the proxy's own host and scheme reach us in the headers."""
    number = new_number()
    fields = {"MessageSid": f"SM{number}", "From": number, "To": "+15550100001", "Body": "STOP"}
    path = "/webhooks/sms/twilio/acme"
    signature = RequestValidator(running.values["SAYSO_TWILIO_AUTH_TOKEN"]).compute_signature(
        running.url + path, fields
    )
    headers = {
        "X-Twilio-Signature": signature,
        "Host": "localhost",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "x.example",
    }
    assert running.outside.post(path, data=fields, headers=headers).status_code == 200
    running.eventually("sms", number, "service", reason="opted_out")


def test_no_snail_mail_stops_the_letters_to_that_person_there(running: Instance) -> None:
    street = f"{new_number()[-4:]} Main St"
    body = f"Jane Roe\n{street} Apt 101\nSpringfield, IL 62701\n"
    running.mail("Jane Roe <jane@example.org>", "privacy@acme.example", "NO SNAIL MAIL", body)
    home = {
        "name": "Jane Roe",
        "line1": street,
        "line2": "#101",
        "city": "Springfield",
        "region": "IL",
        "postal_code": "62701",
    }
    assert running.check("post", home, "offers")["allowed"] is False
    running.eventually("post", home, "offers", reason="opted_out")
    assert running.check("post", home, "service")["allowed"] is True
    assert running.check("post", f"JANE ROE, {street.upper()} #101, Springfield 62701", "offers")["allowed"] is False
    assert running.check("post", f"{street} #101, Springfield, IL 62701", "offers")["allowed"] is False
    assert running.check("post", {**home, "name": "John Doe"}, "offers")["allowed"] is True
    assert running.check("post", {**home, "line2": "Apt 102"}, "offers")["allowed"] is True


def test_mail_to_unsubscribe_opts_the_sender_out_of_email(running: Instance) -> None:
    address = new_address()
    running.mail(f"Jane <{address.upper()}>", "unsubscribe@acme.example", "unsubscribe", "")
    assert running.check("email", address, "offers")["allowed"] is False
    running.eventually("email", address, "offers", reason="opted_out", scope="controller:acme")
    assert running.check("email", address, "service")["allowed"] is True


def test_mail_with_a_token_is_about_its_address_and_not_the_senders(running: Instance) -> None:
    recipient, other = new_address(), new_address()
    token = running.link(recipient, "offers").rpartition("/")[2]
    running.mail(other, "unsubscribe@acme.example", f"unsubscribe {token}", "")
    running.eventually("email", recipient, "offers", reason="opted_out", scope="topic:offers")
    assert running.check("email", other, "offers")["allowed"] is True


def test_one_click_as_a_mail_provider_sends_it(running: Instance) -> None:
    address = new_address()
    path = running.link(address, "offers")
    answer = running.outside.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert running.check("email", address, "offers")["allowed"] is False
    running.eventually("email", address, "offers", reason="opted_out", scope="topic:offers")
    assert running.check("email", address, "events")["allowed"] is True
    assert running.outside.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_scanner_that_follows_every_link_changes_nothing(running: Instance, method: str) -> None:
    address = new_address()
    path = running.link(address, "offers")
    before = running.query("SELECT count(*) FROM consent_inbound")
    for place in (path, path.replace("/u/", "/preferences/"), f"{path}?utm=1"):
        assert running.outside.request(method, place).status_code == 200
    assert running.query("SELECT count(*) FROM consent_inbound") == before
    assert running.check("email", address, "offers")["allowed"] is True


def test_an_opt_out_of_an_address_nobody_knew_is_kept(running: Instance) -> None:
    address = new_address()
    event = running.tell("email", address, "opt_out", "*", source="phone", evidence={"agent": "7"})
    assert running.check("email", address, "offers")["allowed"] is False
    became = running.settled(event)
    assert (became["status"], became["outcome"], became["events"][0]["action"]) == ("done", "opt_out", "withdraw")
    assert running.check("email", address, "offers")["reason"] == "opted_out"


def test_a_fresh_opt_in_lifts_the_persons_own_no_in_its_scope(running: Instance) -> None:
    address = new_address()
    running.settled(running.tell("email", address, "opt_out", "newsletter"))
    notice = {"slug": "newsletter-form", "version": 1, "language": "en"}
    running.settled(running.tell("email", address, "opt_in", "newsletter", notice=notice))
    assert running.check("email", address, "newsletter")["reason"] == "granted"


def test_an_import_never_reactivates_anyone(running: Instance) -> None:
    address = new_address()
    running.settled(running.tell("email", address, "opt_out", "newsletter"))
    running.settled(running.tell("email", address, "opt_in", "newsletter", source="import"))
    assert running.check("email", address, "newsletter")["reason"] == "opted_out"


def test_a_hard_bounce_blocks_all_and_leaves_the_first_reason(running: Instance) -> None:
    address = new_address()
    running.settled(running.tell("email", address, "opt_out", "*"))
    first = running.check("email", address, "offers")
    assert running.check("email", address, "service")["allowed"] is True
    answer = running.api.post(
        "/v1/suppressions", json={"channel": "email", "address": address, "reason": "hard_bounce", "source": "esp"}
    )
    assert answer.status_code == 202
    running.settled(answer.json()["id"])
    later = running.check("email", address, "offers")
    assert (later["reason"], later["evidence"], later["also"]) == ("opted_out", first["evidence"], ["hard_bounce"])
    assert running.check("email", address, "service")["reason"] == "hard_bounce"
    assert running.check("email", address, "newsletter")["allowed"] is False


def test_case_and_space_are_one_address_and_dots_and_tags_are_not(running: Instance) -> None:
    address = new_address()
    running.settled(running.tell("email", f"  {address.upper()} ", "opt_out", "offers"))
    assert running.check("email", address, "offers")["allowed"] is False
    assert running.check("email", address.replace("@", "+news@"), "offers")["allowed"] is True
    assert running.check("email", address.replace(".", "", 1), "offers")["allowed"] is True


def test_another_controllers_events_do_not_exist(running: Instance) -> None:
    event = running.tell("email", new_address(), "opt_out", "offers")
    assert running.outside.get(f"/v1/events/{event}").status_code == 401
    unknown = httpx.get(f"{running.url}/v1/events/{event}", headers={"Authorization": "Bearer sayso_wrong"})
    assert unknown.status_code == 401
