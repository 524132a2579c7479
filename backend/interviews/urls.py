"""Addresses."""

from django.urls import path, re_path

from backend.interviews.mock import review_views as mock_reviews
from backend.interviews.mock import views as mock
from backend.interviews.practice import views as practice
from backend.interviews.slots import views as slots

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
    path("interviews/mocks/", mock.mocks, name="mocks"),
    path("interviews/mocks/<slug:slug>/", mock.mock_script, name="mock_script"),
    path("interviews/mocks/<slug:slug>/start/", mock.mock_start, name="mock_start"),
    path("interviews/mock/<uuid:pk>/", mock.mock_session, name="mock_session"),
    path("interviews/mock/<uuid:pk>/moment/", mock.mock_moment, name="mock_moment"),
    path("interviews/mock/<uuid:pk>/notes/<slug:phase>/<slug:part>/", mock.mock_note, name="mock_note"),
    path("interviews/mock/<uuid:pk>/move-on/", mock.mock_move_on, name="mock_move_on"),
    path("interviews/mock/<uuid:pk>/hint/", mock.mock_hint, name="mock_hint"),
    path("interviews/mock/<uuid:pk>/finish/", mock.mock_finish, name="mock_finish"),
    path("interviews/mock/<uuid:pk>/score/", mock.mock_score, name="mock_score"),
    path("interviews/review/", mock_reviews.mock_queue, name="mock_queue"),
    path("interviews/review/<uuid:pk>/", mock_reviews.mock_review, name="mock_review"),
    path("interviews/live/", slots.live_interviews, name="live_interviews"),
    path("interviews/live/offer/", slots.live_offer, name="live_offer"),
    path("interviews/live/<uuid:pk>/book/", slots.live_book, name="live_book"),
    path("interviews/live/<uuid:pk>/withdraw/", slots.live_withdraw, name="live_withdraw"),
    path("interviews/bookings/<uuid:pk>/cancel/", slots.live_cancel, name="live_cancel"),
    path("interviews/bookings/<uuid:pk>/interview.ics", slots.live_calendar, name="live_calendar"),
]
