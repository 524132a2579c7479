"""Addresses."""

from django.urls import path, re_path

from backend.interviews.practice import views as practice

urlpatterns = [
    path("interviews/", practice.practice, name="practice"),
    path("interviews/practice/start/", practice.practice_start, name="practice_start"),
    path("interviews/practice/<uuid:pk>/", practice.practice_answer, name="practice_answer"),
    path("interviews/practice/<uuid:pk>/draft/", practice.practice_draft, name="practice_draft"),
    path("interviews/practice/<uuid:pk>/answer/", practice.practice_give, name="practice_give"),
    path("interviews/practice/<uuid:pk>/ticks/", practice.practice_tick, name="practice_tick"),
    path("interviews/practice/<uuid:pk>/rate/", practice.practice_rate, name="practice_rate"),
    path("interviews/practice/<uuid:pk>/undo/", practice.practice_undo, name="practice_undo"),
    path("interviews/questions/", practice.practice_questions, name="practice_questions"),
    re_path(
        r"^interviews/questions/(?P<slug>[a-z0-9][a-z0-9._-]*)/$", practice.practice_history, name="practice_history"
    ),
]
