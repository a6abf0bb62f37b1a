from django.http import HttpRequest, HttpResponse


def browse(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse()
