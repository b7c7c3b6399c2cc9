"""The pages of the desk. Addresses are nouns; what is done to one is a POST to it."""

from django.urls import URLPattern, URLResolver, include, path, register_converter

from tickets.queries.inbox import VIEW_NAMES

from .demo import urls as demo_urls
from .views import (
    accounts,
    cases,
    changes,
    claims,
    contact_notes,
    deliveries,
    files,
    filters,
    inbox,
    merges,
    notes,
    originals,
    palette,
    people,
    phone,
    publicity,
    recalls,
    relations,
    replies,
    reviews,
    saved_views,
    searching,
    solutions,
    undoing,
)
from .views.articles import editing, notices, versions
from .views.articles import listing as article_listing
from .views.bulk import following as bulk_following
from .views.bulk import starting as bulk_starting
from .views.channels import adding, journal, listing
from .views.channels import settings as channel_settings
from .views.composer import drafts, inserts, later
from .views.macros import pages as macro_pages
from .views.routing import alarm, rules
from .views.routing import people as workers
from .views.service import calendars, policies
from .views.together import following, handover, notifications, promises


class ViewConverter:
    """The lists that have an address of their own."""

    regex = "|".join((*(name for name in VIEW_NAMES if name != "mine"), "all"))

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class DecisionConverter(ViewConverter):
    """What a person may decide about a delivery that failed or is in doubt."""

    regex = "|".join(deliveries.DECISIONS)


class IdentityDecisionConverter(ViewConverter):
    """What a person may decide about a customer's account."""

    regex = "|".join(claims.IDENTITY_DECISIONS)


register_converter(ViewConverter, "inbox_view")
register_converter(IdentityDecisionConverter, "identity_decision")
register_converter(DecisionConverter, "delivery_decision")

app_name = "dashboard"

ticket_patterns: list[URLPattern | URLResolver] = [
    path("", cases.ticket, name="ticket"),
    path("replies/", replies.create, name="replies"),
    path("notes/", notes.create, name="notes"),
    path("draft/", drafts.draft, name="draft"),
    path("draft/dismissal/", drafts.dismissal, name="draft_dismissal"),
    path("draft/files/", drafts.attach, name="draft_files"),
    path("draft/files/<uuid:pk>/removal/", drafts.detach, name="draft_file_removal"),
    path("macros/", inserts.macros, name="ticket_macros"),
    path("articles/", inserts.articles, name="ticket_articles"),
    path("preview/", inserts.preview, name="reply_preview"),
    path("later/<int:pk>/", later.decide, name="later_reply"),
    path("messages/<int:pk>/taking-back/", later.taking_back, name="taking_back"),
    path("invitations/", publicity.invitation, name="invitations"),
    path("posts/<int:pk>/hiding/", publicity.hidden_post, name="hidden_post"),
    path("recalled/<int:pk>/opening/", recalls.opening, name="recalled"),
    path("assignment/", changes.assignment, name="assignment"),
    path("team/", changes.team, name="ticket_team"),
    path("priority/", changes.priority, name="priority"),
    path("category/", changes.category, name="category"),
    path("plan/", changes.plan, name="plan"),
    path("subject/", changes.subject, name="subject"),
    path("escalation/", alarm.escalation, name="escalation"),
    path("tags/", changes.tags, name="tags"),
    path("solutions/", solutions.create, name="solutions"),
    path("solutions/<slug:slug>/removal/", solutions.removal, name="solution_removal"),
    path("tags/removal/", changes.tag_removal, name="tag_removal"),
    path("resolution/", changes.resolution, name="resolution"),
    path("reopening/", changes.reopening, name="reopening"),
    path("wait/", changes.wait, name="wait"),
    path("snooze/", changes.snooze, name="snooze"),
    path("promises/<int:pk>/", promises.decision, name="promise"),
    path("following/", following.following, name="following"),
    path("calls/", following.call, name="call"),
    path("mentionable/", notifications.mentionable, name="mentionable"),
    path("merge/", merges.merge, name="merge"),
    path("conversations/<int:pk>/split/", merges.split, name="split"),
    path("claims/<int:pk>/verification/", claims.verification, name="verification"),
    path("claims/<int:pk>/rejection/", claims.rejection, name="rejection"),
    path("claims/<int:pk>/question/", claims.question, name="question"),
    path("identities/<int:pk>/<identity_decision:decision>/", claims.identity, name="identity"),
    path("people/<int:pk>/link/", people.link, name="link"),
    path("links/<int:pk>/undo/", undoing.link, name="unlink"),
    path("moves/<int:pk>/undo/", undoing.move, name="undo"),
    path("mergings/<int:pk>/undo/", undoing.merging, name="undo_merging"),
    path("verifications/<int:pk>/undo/", undoing.doubt, name="doubt"),
    path("relations/", relations.create, name="relations"),
    path("relations/<int:pk>/removal/", relations.removal, name="relation_removal"),
    path("duplicates/dismissal/", relations.dismissal, name="not_duplicate"),
    path("customer-notes/", contact_notes.create, name="contact_notes"),
    path("customer-notes/<int:pk>/", contact_notes.change, name="contact_note"),
    path("review/", reviews.opening, name="review_opening"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("reviews/<int:pk>/photos/<uuid:file>/", reviews.photo, name="review_photo"),
    path("reviews/<int:pk>/decision/", reviews.decision, name="review_decision"),
    path("reviews/<int:pk>/more/", reviews.more, name="review_more"),
    path("refund/", reviews.refund, name="refund"),
    path("approvals/<int:pk>/decision/", reviews.approval, name="approval"),
    path("deliveries/<int:pk>/detour/", deliveries.detour, name="delivery_detour"),
    path("deliveries/<int:pk>/<delivery_decision:decision>/", deliveries.decide, name="delivery"),
]

channel_patterns: list[URLPattern | URLResolver] = [
    path("settings/", channel_settings.settings, name="channel_settings"),
    path("test/", channel_settings.test, name="channel_test"),
    path("pause/", listing.pause, name="channel_pause"),
    path("resumption/", listing.resumption, name="channel_resumption"),
    path("removal/", channel_settings.removal, name="channel_removal"),
    path("secrets/<slug:name>/rotation/", channel_settings.rotation, name="secret_rotation"),
    path("secrets/<slug:name>/retirement/", channel_settings.retirement, name="secret_retirement"),
    path("journal/", journal.entries, name="channel_journal"),
    path("journal/replay/", journal.replay, name="channel_replay"),
    path("journal/<int:pk>/", journal.entry, name="channel_envelope"),
    path("journal/<int:pk>/replay/", journal.replay, name="envelope_replay"),
]

service_patterns: list[URLPattern | URLResolver] = [
    path("", policies.overview, name="service"),
    path("policies/new/", policies.new_policy, name="new_policy"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    path("policies/<int:pk>/removal/", policies.policy_removal, name="policy_removal"),
    path("calendars/new/", calendars.new_calendar, name="new_calendar"),
    path("calendars/<int:pk>/", calendars.calendar, name="calendar"),
    path("calendars/<int:pk>/days/", calendars.days, name="calendar_days"),
    path(
        "calendars/<int:pk>/days/<int:day_pk>/removal/", calendars.day_removal, name="day_removal"
    ),
    path("calendars/<int:pk>/seeding/", calendars.seeding, name="calendar_seeding"),
    path("calendars/<int:pk>/removal/", calendars.calendar_removal, name="calendar_removal"),
]

article_patterns: list[URLPattern | URLResolver] = [
    path("", article_listing.articles, name="articles"),
    path("new/", editing.new, name="new_article"),
    path("preview/", editing.preview, name="article_preview"),
    path("<slug:slug>/", editing.article, name="article"),
    path("<slug:slug>/publication/", editing.publication, name="article_publication"),
    path("<slug:slug>/archiving/", editing.archiving, name="article_archiving"),
    path("<slug:slug>/confirmation/", editing.confirmation, name="article_confirmation"),
    path("<slug:slug>/versions/<int:pk>/", versions.comparison, name="article_version"),
    path("<slug:slug>/versions/<int:pk>/return/", versions.restoring, name="article_return"),
]

notice_patterns: list[URLPattern | URLResolver] = [
    path("", notices.listing, name="notices"),
    path("new/", notices.new, name="new_notice"),
    path("<int:pk>/", notices.notice, name="notice"),
    path("<int:pk>/publication/", notices.publication, name="notice_publication"),
    path("<int:pk>/withdrawal/", notices.withdrawal, name="notice_withdrawal"),
    path("<int:pk>/updates/", notices.updates, name="notice_updates"),
]

bulk_patterns: list[URLPattern | URLResolver] = [
    path("", bulk_starting.runs, name="bulk"),
    path("<int:pk>/", bulk_following.run, name="bulk_run"),
    path("<int:pk>/stop/", bulk_following.stop, name="bulk_stop"),
    path("<int:pk>/repeat/", bulk_following.repeat, name="bulk_repeat"),
    path("<int:pk>/undo/", bulk_following.undo, name="bulk_undo"),
    path("<int:pk>/cases/<int:item>/repeat/", bulk_following.repeat, name="bulk_case_repeat"),
    path("<int:pk>/cases/<int:item>/undo/", bulk_following.undo, name="bulk_case_undo"),
]

routing_patterns: list[URLPattern | URLResolver] = [
    path("", rules.overview, name="routing"),
    path("rules/new/", rules.new_rule, name="new_rule"),
    path("rules/<int:pk>/", rules.rule, name="rule"),
    path("rules/<int:pk>/place/", rules.place, name="rule_place"),
    path("rules/<int:pk>/force/", rules.force, name="rule_force"),
    path("rules/<int:pk>/removal/", rules.removal, name="rule_removal"),
    path("trial/", rules.trial, name="routing_trial"),
    path("people/", workers.people, name="routing_people"),
    path("people/<int:pk>/", workers.person, name="routing_person"),
    path("people/<int:pk>/absence/", workers.person_away, name="person_absence"),
    path("words/", alarm.words, name="escalation_words"),
]

macro_patterns: list[URLPattern | URLResolver] = [
    path("", macro_pages.listing, name="macros"),
    path("new/", macro_pages.new, name="new_macro"),
    path("preview/", macro_pages.preview, name="macro_preview"),
    path("<int:pk>/", macro_pages.macro, name="macro"),
    path("<int:pk>/archiving/", macro_pages.archiving, name="macro_archiving"),
]

view_patterns: list[URLPattern | URLResolver] = [
    path("", saved_views.create, name="saved_views"),
    path("<int:pk>/", inbox.saved, name="saved_view"),
    path("<int:pk>/change/", saved_views.change, name="saved_view_change"),
    path("<int:pk>/place/", saved_views.place, name="saved_view_place"),
    path("<int:pk>/removal/", saved_views.removal, name="saved_view_removal"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", inbox.inbox, {"name": "mine"}, name="inbox"),
    path("<inbox_view:name>/", inbox.inbox, name="view"),
    path("teams/<slug:slug>/", inbox.inbox, {"name": "team"}, name="team"),
    path("channels/<slug:slug>/", inbox.inbox, {"name": "channel"}, name="channel"),
    path("channels/", listing.channels, name="channels"),
    path("channels/<slug:slug>/", include(channel_patterns)),
    path("new-channel/", adding.kinds, name="channel_kinds"),
    path("new-channel/<slug:kind>/", adding.new, name="new_channel"),
    path("service/", include(service_patterns)),
    path("articles/", include(article_patterns)),
    path("notices/", include(notice_patterns)),
    path("bulk/", include(bulk_patterns)),
    path("routing/", include(routing_patterns)),
    path("macros/", include(macro_patterns)),
    path("absence/", workers.away, name="absence"),
    path("phone/new/", phone.new, name="new_call"),
    path("phone/calls/<str:token>/", phone.filed, name="filed_call"),
    path("notifications/", notifications.listing, name="notifications"),
    path("notifications/bell/", notifications.bell, name="bell"),
    path("notifications/reading/", notifications.reading, name="notifications_reading"),
    path("notifications/digest/", notifications.digest, name="digest"),
    path("people/", notifications.people, name="people"),
    path("handover/", handover.handover, name="handover_new"),
    path("handover/<int:pk>/", handover.made, name="handover"),
    path("handover/<int:pk>/acceptance/", handover.acceptance, name="handover_acceptance"),
    path("handover/<int:pk>/undoing/", handover.undoing, name="handover_undoing"),
    path("rail/", inbox.rail, name="rail"),
    path("views/", include(view_patterns)),
    path("filters/", filters.menu, name="filters"),
    path("filters/offers/", filters.offers, name="filter_offers"),
    path("order/", saved_views.order, name="order"),
    path("density/", saved_views.density, name="density"),
    path("search/", searching.search, name="search"),
    path("palette/", palette.palette, name="palette"),
    path("tickets/<str:number>/", include(ticket_patterns)),
    path("messages/<int:pk>/formatted/", files.formatted, name="formatted"),
    path("messages/<int:pk>/original/", originals.original, name="original"),
    path("attachments/<uuid:pk>/", files.attachment, name="attachment"),
    path("login/", accounts.login, name="login"),
    path("logout/", accounts.logout, name="logout"),
    path("language/", accounts.language, name="language"),
    path("theme/", accounts.theme, name="theme"),
    path("hold/", later.hold, name="hold"),
    path("single-keys/", accounts.single_keys, name="single_keys"),
    *demo_urls.routes(),
]
