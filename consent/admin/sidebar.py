"""The admin's navigation, in the order of staff's work. A row is shown to who may see its page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

# group → rows: title, icon, permission, page, query
_NAVIGATION: tuple[tuple[str, tuple[tuple[str, str, str, str, str], ...]], ...] = (
    (
        "Work",
        (
            ("Overview", "home", "", "index", ""),
            ("Find a contact", "search", "consent.view_contactpoint", "consent_contactpoint_changelist", ""),
            ("People", "person", "consent.view_person", "consent_person_changelist", ""),
            ("To decide", "rate_review", "consent.view_review", "consent_review_changelist", ""),
            ("About data", "policy", "consent.view_rightsrequest", "consent_rightsrequest_changelist", ""),
            ("Enter one about data", "edit_document", "consent.add_rightsrequest", "consent_rightsrequest_enter", ""),
            ("Set aside", "report", "consent.view_inbound", "consent_inbound_changelist", "?state__exact=set_aside"),
            ("Enter a request", "edit_note", "consent.add_inbound", "consent_inbound_add", ""),
            ("Disconnected numbers", "phone_disabled", "consent.add_inbound", "consent_inbound_disconnected", ""),
        ),
    ),
    (
        "Records",
        (
            ("What came in", "inbox", "consent.view_inbound", "consent_inbound_changelist", ""),
            ("Unknown events", "help", "consent.view_inbound", "consent_inbound_unknown", ""),
            ("What went out", "outbox", "consent.view_errand", "consent_errand_changelist", ""),
            (
                "Counted bounces",
                "mark_email_unread",
                "consent.view_countedbounce",
                "consent_countedbounce_changelist",
                "",
            ),
            ("Codes asked for", "pin", "consent.view_accesscode", "consent_accesscode_changelist", ""),
            ("Mail runs", "local_post_office", "consent.view_mailrun", "consent_mailrun_changelist", ""),
            ("Scrubs", "cleaning_services", "consent.view_scrub", "consent_scrub_changelist", ""),
            ("Ledger", "menu_book", "consent.view_consentevent", "consent_consentevent_changelist", ""),
            ("Suppressions", "block", "consent.view_suppression", "consent_suppression_changelist", ""),
            ("Outside lists", "playlist_remove", "consent.view_outsidelist", "consent_outsidelist_changelist", ""),
            ("Permissions", "check_circle", "consent.view_permission", "consent_permission_changelist", ""),
        ),
    ),
    (
        "Set up",
        (
            ("Controllers", "domain", "consent.view_controller", "consent_controller_changelist", ""),
            ("Topics", "category", "consent.view_topic", "consent_topic_changelist", ""),
            ("Look of the pages", "palette", "subscriptions.view_theme", "subscriptions_theme_changelist", ""),
            ("Senders", "send", "consent.view_sender", "consent_sender_changelist", ""),
            ("Notices", "description", "consent.view_notice", "consent_notice_changelist", ""),
            ("Sign-up forms", "edit_note", "subscriptions.view_signupform", "subscriptions_signupform_changelist", ""),
            (
                "Provider accounts",
                "cell_tower",
                "consent.view_provideraccount",
                "consent_provideraccount_changelist",
                "",
            ),
            ("API keys", "key", "subscriptions.view_apikey", "subscriptions_apikey_changelist", ""),
            ("Staff", "group", "auth.view_user", "auth_user_changelist", ""),
            ("Groups", "groups", "auth.view_group", "auth_group_changelist", ""),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """UNFOLD's SIDEBAR navigation."""
    return [{"title": title, "items": [_item(*row) for row in rows]} for title, rows in _NAVIGATION]


def _item(title: str, icon: str, permission: str, page: str, query: str) -> dict[str, Any]:
    path = reverse(f"admin:{page}")
    return {
        "title": title,
        "icon": icon,
        "link": path + query,
        "active": _is_active(path, query),
        "permission": _holder_of(permission),
    }


def _is_active(path: str, query: str) -> Callable[[HttpRequest], bool]:
    def active(request: HttpRequest) -> bool:
        # Two rows share the list of inbounds: the one for what was set aside has it with that filter.
        aside = "state__exact=set_aside" in request.GET.urlencode()
        return request.path == path and (bool(query) == aside)

    return active


def _holder_of(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: not permission or request.user.has_perm(permission)
