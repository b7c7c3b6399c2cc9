"""The addresses of the public pages, below /support/."""

from django.urls import include, path
from django.views.i18n import set_language

from . import (
    answer_place,
    case_page,
    claims,
    developers,
    entering,
    lookup,
    own_case,
    pieces,
    private,
    typing_help,
    views,
)

urlpatterns = [
    path("", include("channels_ingest.web.help.urls")),
    path("chat/", include("channels_ingest.web.chat.urls")),
    path("new/", views.new_case, name="support_new"),
    path("developers/", developers.new_case, name="support_developers"),
    path("<slug:slug>/developers/", developers.new_case, name="support_developers_at"),
    path("typing/", typing_help.help_typing, name="support_help"),
    path("solved/", typing_help.solved, name="support_solved"),
    path("language/", set_language, name="support_language"),
    path("claims/<str:token>/", claims.claim, name="support_claim"),
    path("answers/<str:token>/", answer_place.answer_place, name="support_answer_place"),
    path("private/<str:token>/", private.private, name="support_private"),
    path("enter/", entering.enter, name="support_enter"),
    path("entered/<str:token>/", entering.entered, name="support_entered"),
    path("<slug:slug>/enter/", entering.enter, name="support_enter_at"),
    path("<slug:slug>/new/", views.new_case, name="support_new_at"),
    path("uploads/", pieces.begin, name="support_uploads"),
    path("uploads/<str:token>/", pieces.piece, name="support_upload"),
    path("case/", lookup.lookup, name="support_lookup"),
    path("case/code/<uuid:pk>/", lookup.code, name="support_code"),
    path("case/leaving/", lookup.leave, name="support_leave"),
    path("case/<str:token>/", case_page.case, name="support_case"),
    path("case/<str:token>/live/", case_page.live, name="support_live"),
    path("case/<str:token>/files/<uuid:pk>/", case_page.case_file, name="support_file"),
    path("case/<str:token>/resolution/", own_case.resolution, name="support_resolution"),
    path("case/<str:token>/reopening/", own_case.reopening, name="support_reopening"),
    path("case/<str:token>/rating/", own_case.rating, name="support_rating"),
    path("case/<str:token>/answers/", own_case.answers, name="support_answers"),
    path("case/<str:token>/review/", own_case.review, name="support_review"),
]
