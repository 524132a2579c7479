"""Addresses."""

from django.urls import path

from backend.quizzes import views

urlpatterns = [
    path("modules/<slug:slug>/quiz/", views.quiz, name="quiz"),
    path("modules/<slug:slug>/quiz/start/", views.quiz_start, name="quiz_start"),
    path("quiz/<uuid:pk>/", views.quiz_attempt, name="quiz_attempt"),
    path("quiz/<uuid:pk>/<int:position>/", views.quiz_answer, name="quiz_answer"),
    path("quiz/<uuid:pk>/finish/", views.quiz_finish, name="quiz_finish"),
    path("quiz/<uuid:pk>/result/", views.quiz_result, name="quiz_result"),
]
