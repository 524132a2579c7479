"""Addresses."""

from django.urls import path

from backend.quizzes import views
from backend.quizzes.authors import views as authors

urlpatterns = [
    path("modules/<slug:slug>/quiz/", views.quiz, name="quiz"),
    path("modules/<slug:slug>/quiz/start/", views.quiz_start, name="quiz_start"),
    path("quiz/<uuid:pk>/", views.quiz_attempt, name="quiz_attempt"),
    path("quiz/<uuid:pk>/<int:position>/", views.quiz_answer, name="quiz_answer"),
    path("quiz/<uuid:pk>/finish/", views.quiz_finish, name="quiz_finish"),
    path("quiz/<uuid:pk>/result/", views.quiz_result, name="quiz_result"),
    path("quiz/notices/<int:pk>/read/", views.quiz_notice_read, name="quiz_notice_read"),
    path("quiz/items/", authors.quiz_banks, name="quiz_banks"),
    path("quiz/items/<slug:slug>/", authors.quiz_items, name="quiz_items"),
    path("quiz/item/<str:slug>/", authors.quiz_item, name="quiz_item"),
]
