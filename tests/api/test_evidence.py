"""Evidence by API: links and files behind a report that is being written."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.reports import PDF, begun, refused
from tests.conftest import Cast
from workplan.models import Evidence, ReportingRound, StatusUpdate


def test_evidence_comes_as_link_and_as_file(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    program = api(cast.somtc)
    link = {"title": "Agenda", "url": "https://example.org/agenda", "dated_on": "2018-03-01"}
    draft = begun(program, submit=False, evidence=[link]).json()
    address = f"{draft['url']}evidence/"
    form = {"title": "Minutes", "dated_on": "2018-05-02", "file": SimpleUploadedFile("minutes.pdf", PDF)}
    refused(program.post(address, form, format="multipart"), 428, "precondition_required")
    form["file"] = SimpleUploadedFile("minutes.pdf", PDF)
    added = program.post(address, form, format="multipart", headers={"If-Match": '"1"'})
    assert added.status_code == 201, added.content
    agenda, minutes = added.json()["evidence"]
    assert (agenda["url"], agenda["dated_on"], agenda["file_name"]) == (link["url"], "2018-03-01", "")
    assert minutes["url"] == f"http://testserver/evidence/{minutes['id']}/"
    assert (minutes["file_name"], minutes["file_size"], minutes["dated_on"]) == ("minutes.pdf", len(PDF), "2018-05-02")

    # A list of evidence replaces the list; what is named by its id stays as it is.
    kept = [{"id": minutes["id"], "url": minutes["url"]}, {"title": "Photos", "url": "https://example.org/photos"}]
    changed = program.patch(draft["url"], {"evidence": kept}, headers={"If-Match": added["ETag"]})
    assert [one["title"] for one in changed.json()["evidence"]] == ["Minutes", "Photos"]
    assert changed.json()["evidence"][0] == minutes
    strange = program.patch(draft["url"], {"evidence": [{"id": agenda["id"]}]}, headers={"If-Match": changed["ETag"]})
    refused(strange, 400, "invalid")

    gone = program.delete(f"{address}{minutes['id']}/", headers={"If-Match": changed["ETag"]})
    assert gone.status_code == 204 and gone["ETag"] == program.get(draft["url"])["ETag"]
    refused(program.delete(f"{address}{minutes['id']}/", headers={"If-Match": gone["ETag"]}), 404, "not_found")
    plain = program.post(address, link, headers={"If-Match": gone["ETag"]})
    assert [one["title"] for one in plain.json()["evidence"]] == ["Photos", "Agenda"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"title": "Page", "file": ("page.html", b"<script>")}, "evidence"),
        ({"title": "Not one", "file": ("a.pdf", b"MZ")}, "evidence"),
        ({"title": "Empty", "file": ("a.pdf", b"")}, "evidence"),
        ({"title": "Neither"}, "evidence"),
        ({"title": "Both", "url": "https://example.org", "file": ("a.pdf", PDF)}, "evidence"),
        ({"file": ("a.pdf", PDF)}, "title"),
        ({"title": "Script", "url": "javascript:alert(1)"}, "evidence"),
        ({"title": "Day", "file": ("a.pdf", PDF), "dated_on": "tomorrow"}, "dated_on"),
        ({"title": "More", "file": ("a.pdf", PDF), "colour": "red"}, "colour"),
        ({"title": ["One", "Two"], "url": "https://example.org"}, "title"),
        ({"title": "Text for a file", "file": "a.pdf"}, "file"),
    ],
)
def test_evidence_that_cannot_be_taken_is_refused_by_field(
    reporting_round: ReportingRound, cast: Cast, api: Any, form: dict[str, Any], field: str
) -> None:
    program = api(cast.somtc)
    draft = begun(program, submit=False).json()
    form = {name: SimpleUploadedFile(*value) if isinstance(value, tuple) else value for name, value in form.items()}
    answer = program.post(f"{draft['url']}evidence/", form, format="multipart", headers={"If-Match": '"1"'})
    assert list(refused(answer, 400, "invalid")["fields"]) == [field]
    assert not Evidence.objects.exists()


def test_what_is_no_form_and_no_json_is_refused(reporting_round: ReportingRound, cast: Cast, api: Any) -> None:
    program = api(cast.somtc)
    draft = begun(program, submit=False).json()
    address, tag = f"{draft['url']}evidence/", {"If-Match": '"1"'}
    for body, kind, status in (
        (b"x", "text/plain", 415),
        (b"[]", "application/json", 400),
        (b"--", "multipart/form-data", 400),
        (b"garbage", "multipart/form-data; boundary=abc", 400),
    ):
        answer = program.generic("POST", address, body, content_type=kind, headers=tag)
        assert answer.status_code == status and answer.json()["error"]["code"], (kind, answer.content)
    long = {"CONTENT_LENGTH": str(20 * 1024 * 1024), "wsgi.input": io.BytesIO(b"")}
    answer = program.generic("POST", address, b"x", content_type="multipart/form-data; boundary=a", headers=tag, **long)
    assert "at most 10 MB" in refused(answer, 413, "too_large")["message"]
    # Elsewhere forms are not read.
    form = program.post(f"{draft['url']}comments/", {"text": "Hello"}, format="multipart")
    refused(form, 415, "unsupported_media_type")


def test_as_much_evidence_as_a_program_may_send_can_be_kept_on_the_page(
    reporting_round: ReportingRound, cast: Cast, api: Any, page: Any
) -> None:
    links = [{"title": f"Minutes {place}", "url": f"https://example.org/{place}"} for place in range(50)]
    assert begun(api(cast.somtc), submit=False, evidence=[*links, links[0]]).status_code == 400
    draft = begun(api(cast.somtc), submit=False, evidence=links).json()
    one_more = api(cast.somtc).post(
        f"{draft['url']}evidence/", {"title": "One more", "url": "https://example.org/"}, headers={"If-Match": '"1"'}
    )
    assert "at most 50" in str(refused(one_more, 400, "invalid"))
    client = page(cast.somtc)
    rows = client.get(f"/reports/{draft['id']}/edit/").context["links"]
    form = {"evidence-TOTAL_FORMS": str(len(rows.forms)), "evidence-INITIAL_FORMS": str(rows.initial_form_count())}
    for row in rows.forms:
        form |= {row.add_prefix(name): str(row[name].value() or "") for name in ("kept", "title", "url")}

    for headers in ({"X-Autosave": "1"}, {}):
        version = str(StatusUpdate.objects.get().version)
        answer = client.post(
            f"/reports/{draft['id']}/edit/", {**form, "narrative": "More.", "version": version}, headers=headers
        )
        assert answer.status_code in (200, 302)
        assert Evidence.objects.count() == 50
