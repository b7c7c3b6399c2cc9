"""The addresses of the help centre, below /support/."""

from django.urls import path, register_converter

from . import feedback, notices, views
from .languages import LanguageConverter

register_converter(LanguageConverter, "help_language")

urlpatterns = [
    path("", views.home, name="support"),
    path("articles/<slug:slug>/", views.any_language, name="support_article"),
    path("<help_language:language>/", views.home, name="help_home"),
    path("<help_language:language>/search/", views.search, name="help_search"),
    path("<help_language:language>/search/hits/", views.hits, name="help_hits"),
    path("<help_language:language>/topics/<slug:category>/", views.topic, name="help_topic"),
    path("<help_language:language>/articles/<slug:slug>/", views.article, name="help_article"),
    path(
        "<help_language:language>/articles/<slug:slug>/feedback/",
        feedback.feedback,
        name="help_feedback",
    ),
    path("<help_language:language>/notices/", notices.listing, name="help_notices"),
    path("<help_language:language>/notices/feed/", notices.feed, name="help_feed"),
    path("<help_language:language>/notices/<int:pk>/", notices.notice, name="help_notice"),
]
