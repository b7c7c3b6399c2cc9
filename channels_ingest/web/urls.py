"""The addresses of the public pages, below /support/."""

from django.urls import path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from . import claims, entering, private, views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="channels_ingest:support_new"), name="support"),
    path("new/", views.new_case, name="support_new"),
    path("language/", set_language, name="support_language"),
    path("claims/<str:token>/", claims.claim, name="support_claim"),
    path("private/<str:token>/", private.private, name="support_private"),
    path("enter/", entering.enter, name="support_enter"),
    path("entered/<str:token>/", entering.entered, name="support_entered"),
    path("<slug:slug>/enter/", entering.enter, name="support_enter_at"),
    path("<slug:slug>/new/", views.new_case, name="support_new_at"),
    path("case/<str:token>/", views.case, name="support_case"),
    path("case/<str:token>/files/<uuid:pk>/", views.case_file, name="support_file"),
]
