"""Edits an uploaded picture with OpenAI's own Python client: python edit-image.py BASE_URL API_KEY PNG; prints the answer's picture as base64."""

import sys

from openai import OpenAI

base_url, api_key, path = sys.argv[1:]
client = OpenAI(base_url=base_url, api_key=api_key, max_retries=0, timeout=60)
with open(path, "rb") as picture:
    answer = client.images.edit(
        model="image-edit-tiny",
        image=picture,
        prompt="a red apple",
        response_format="b64_json",
        extra_body={"steps": 8, "strength": 0.75, "seed": 7},
    )
print(answer.data[0].b64_json)
