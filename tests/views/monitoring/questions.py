"""What tests of the pages of open questions share."""

from collections.abc import Callable

from django.test import Client

from tests.monitoring.questions import REPORTED

Page = Callable[..., Client]


CODE = "tip-2016-2020"


QUEUE, FILE = f"/plans/{CODE}/questions/", f"/plans/{CODE}/questions.csv"


READ = f"{QUEUE}reading/activity/{REPORTED}/"
