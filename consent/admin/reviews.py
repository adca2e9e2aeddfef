"""The queue of what no rule could decide: read it, decide it, say why. It is held until then."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from consent import configuration, reviewing
from consent.admin import widgets
from consent.admin.base import ReadOnlyAdmin, moment, note_access, page, require, user_id
from consent.admin.contacts import MAX_ADDRESS_CHARACTERS, read_address
from consent.admin.inbound import opened
from consent.models import Decision, Hold, Review
from consent.models.vocabulary import Channel
from consent.normalise.keys import Key
from consent.reviewing import AlreadyDecided, NoAddress, NotTheirWord
from consent.sequels import decided
from consent.story import addresses_of

_KEYS = 100
_ASK_ANOTHER = ("Another address", "Only if it is not about the address that is held.")
_ASK_ONE = ("The address it is about", "No rule found one. It is needed unless this is no request.")


class DecisionForm(forms.Form):
    """A decision with its reason. Cleaned, `contact` is the address that staff read from it, or None."""

    decision = forms.ChoiceField(widget=widgets.radio())
    address = forms.CharField(required=False, max_length=MAX_ADDRESS_CHARACTERS, widget=widgets.lines(3))
    region = forms.RegexField(
        r"^[A-Za-z]{2}$", required=False, initial="US", widget=widgets.line(maxlength=2, size=2), label="Country"
    )
    reason = forms.CharField(max_length=1_000, widget=widgets.lines(3), help_text="It is kept with the decision.")

    def __init__(self, data: Any, review: Review, *, found: bool) -> None:
        offered = _offered(review)
        super().__init__(data, initial={"decision": review.suggestion} if review.suggestion in offered else None)
        self.review = review
        choices = [choice for choice in Decision.choices if choice[0] in offered]
        self.fields["decision"].choices = choices  # type: ignore[attr-defined]
        label, help_text = _ASK_ANOTHER if found else _ASK_ONE
        self.fields["address"].label, self.fields["address"].help_text = label, help_text
        if review.channel == Channel.EMAIL:
            del self.fields["region"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        given = bool(cleaned.get("address"))
        cleaned["contact"] = read_address(self, "address", self.review.channel, cleaned) if given else None
        if given and cleaned.get("decision") == Decision.NONE:
            raise ValidationError("An address is only needed for a request.")
        return cleaned


def _offered(review: Review) -> list[str]:
    """A yes is only taken from a sender who was proved: anybody can write mail in another's name.

    Of a death a letter tells, or whoever is asked about paper.
    """
    refused = {Decision.OPT_IN} if not review.inbound.verified else set()
    refused |= {Decision.DECEASED} if review.channel != Channel.POST else set()
    return [choice for choice in Decision.values if choice not in refused]


class OneClick(NamedTuple):
    """A button that decides. The suggested one comes first."""

    value: str
    label: str
    suggested: bool


_ONE_CLICK_REASON = "Decided by one click."
_AS_SUGGESTED = "Decided by one click, as suggested."


def _one_click(review: Review, *, found: bool) -> list[OneClick]:
    """What can be decided without a further word: a request needs an address that is held."""
    names = dict(Decision.choices)
    offered = [choice for choice in _offered(review) if choice == Decision.NONE or found]
    offered = [choice for choice in offered if choice != Decision.DECEASED or review.suggestion == choice]
    clicks = [OneClick(choice, str(names[Decision(choice)]), choice == review.suggestion) for choice in offered]
    return sorted(clicks, key=lambda click: not click.suggested)


def _data(request: HttpRequest, review: Review) -> Any:
    """The form's data: as it was filled in, or what a click stands for."""
    if request.method != "POST":
        return None
    clicked = request.POST.get("one_click")
    if not clicked:
        return request.POST
    reason = _AS_SUGGESTED if clicked == review.suggestion else _ONE_CLICK_REASON
    return {"decision": clicked, "reason": reason}


class _OpenFilter(admin.SimpleListFilter):
    """Open ones, unless asked for the decided ones."""

    title = "decided"
    parameter_name = "decided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "decided")]

    def choices(self, changelist: Any) -> Any:
        open_ones, *others = super().choices(changelist)
        return [{**open_ones, "display": "open"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        if self.value() == "yes":
            return queryset.exclude(decision="").order_by("-decided_at")
        return queryset.filter(decision="")


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """The oldest first."""

    list_display = (
        moment("opened_at", "opened"),
        "waiting",
        "channel",
        "source",
        "owner",
        "suggested",
        "decision",
        "decided_by",
    )
    list_filter = (_OpenFilter, "channel")
    list_select_related = ("inbound", "decided_by")
    ordering = ("opened_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        queryset: QuerySet[Review] = super().get_queryset(request).defer("inbound__sealed_raw")
        return queryset

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("consent.change_review")

    @admin.display(description="waiting for")
    def waiting(self, review: Review) -> str:
        return timesince(review.opened_at, review.decided_at or timezone.now(), depth=1)

    @admin.display(description="source")
    def source(self, review: Review) -> str:
        return review.inbound.source

    @admin.display(description="controller")
    def owner(self, review: Review) -> str:
        return configuration.recent().controller_names.get(review.inbound.controller_id, "")

    @admin.display(description="suggestion", empty_value="–")
    def suggested(self, review: Review) -> str | None:
        return review.get_suggestion_display() or None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One review, with the form to decide it."""
        require(self.has_view_permission(request))
        review = self.get_object(request, object_id)
        if review is None:
            raise Http404
        held = _held(review)
        form = DecisionForm(_data(request, review), review, found=bool(held))
        if form.is_bound:
            require(self.has_decide_permission(request))
            if form.is_valid() and _decide(request, review, form):
                return HttpResponseRedirect(reverse("admin:consent_review_changelist"))
        return self._show(request, review, held, form)

    def _show(self, request: HttpRequest, review: Review, held: list[Key], form: DecisionForm) -> HttpResponse:
        note_access(request, "the review", str(review.pk))
        known = addresses_of(held)
        context = opened(review.inbound) | {
            "review": decided(review),
            "opened_at": review.opened_at,
            "held": [(key.hex(), known.get(key, "")) for key in held],
            "form": form,
            "one_click": _one_click(review, found=bool(held)),
            "open_form": form.is_bound or not held,
            "may_decide": not review.decision and self.has_decide_permission(request),
        }
        return page(self, request, "admin/review.html", "A review", **context)


def _held(review: Review) -> list[Key]:
    keys = Hold.objects.filter(review=review).values_list("key", flat=True)[:_KEYS]
    return [Key(key) for key in dict.fromkeys(keys)]


def _decide(request: HttpRequest, review: Review, form: DecisionForm) -> bool:
    """Decide; what stands against it is said to the member of staff. Whether the page is done with."""
    cleaned = form.cleaned_data
    try:
        reviewing.decide(
            review.pk,
            Decision(cleaned["decision"]),
            user_id=user_id(request),
            reason=cleaned["reason"],
            contact=cleaned["contact"],
        )
    except AlreadyDecided:
        messages.warning(request, "Somebody decided it before you. Nothing was changed.")
        return True
    except NoAddress:
        form.add_error("address", "Enter the address it is about: none was found.")
        return False
    except NotTheirWord:
        form.add_error("decision", "Nothing proves that the person wrote this: a yes cannot be taken from it.")
        return False
    messages.success(request, f"Decided: {Decision(cleaned['decision']).label}.")
    return True
