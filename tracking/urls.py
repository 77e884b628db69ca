"""Addresses of tracking."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
