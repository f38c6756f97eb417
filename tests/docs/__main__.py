"""``python -m tests.docs`` brings the generated parts of the pages up to date."""

from tests.docs.pages import all_pages, with_code, with_generated
from tests.docs.reference import generated

for page in all_pages():
    content = page.read_text(encoding="utf-8")
    current = with_generated(with_code(content), generated)
    if current != content:
        page.write_text(current, encoding="utf-8")
