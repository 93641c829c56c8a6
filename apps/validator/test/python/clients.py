"""What Python's clients make of the API: takes its address, a key and a client's name, prints one JSON document."""

import json
import sys

url, key, name = sys.argv[1:]
base_url = f"{url}/v1"
messages = [{"role": "user", "content": "Say hello"}]
weather = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def with_openai():
    from openai import APIStatusError, OpenAI

    client = OpenAI(base_url=base_url, api_key=key, max_retries=0)
    whole = client.chat.completions.create(model="chat-tiny", messages=messages, max_tokens=20, seed=2**62, logprobs=True)
    stream = client.chat.completions.create(
        model="chat-tiny", messages=messages, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    called = client.chat.completions.create(model="chat-tiny", messages=messages, tools=[weather])
    plain = client.completions.create(model="completion-tiny", prompt=["one", "two"], max_tokens=20)
    vectors = client.embeddings.create(model="embedding-tiny", input=["a", "abc"])
    response = client.responses.create(model="chat-tiny", input="Say hello", store=False)
    events = [event.type for event in client.responses.create(model="chat-tiny", input="Say hello", store=False, stream=True)]
    try:
        client.chat.completions.create(model="gpt-9", messages=messages)
        error = None
    except APIStatusError as caught:
        error = [type(caught).__name__, caught.status_code, caught.code, caught.request_id is not None]
    return {
        "whole": [whole.choices[0].message.content, whole.usage.completion_tokens, len(whole.choices[0].logprobs.content)],
        "streamed": "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices),
        "usage": chunks[-1].usage.completion_tokens,
        "calls": [[each.id, each.function.name, each.function.arguments] for each in called.choices[0].message.tool_calls],
        "plain": [choice.text for choice in plain.choices],
        "vectors": [each.embedding for each in vectors.data],
        "response": response.output_text,
        "events": [events[0], events[-1]],
        "models": [model.id for model in client.models.list()],
        "error": error,
    }


def with_langchain():
    from langchain_core.messages import HumanMessage
    from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings

    given = {"base_url": base_url, "api_key": key, "max_retries": 0}
    chat = ChatOpenAI(model="chat-tiny", stream_usage=True, **given)
    whole = chat.invoke([HumanMessage("Say hello")])
    chunks = list(chat.stream([HumanMessage("Say hello")]))
    called = chat.bind_tools([weather]).invoke("How is Rome?")
    responses = ChatOpenAI(model="chat-tiny", use_responses_api=True, store=False, **given)
    plain = OpenAI(model="completion-tiny", max_tokens=20, **given)
    vectors = OpenAIEmbeddings(model="embedding-tiny", check_embedding_ctx_length=False, **given)
    return {
        "whole": [whole.content, whole.usage_metadata["output_tokens"], whole.response_metadata["finish_reason"]],
        "streamed": "".join(chunk.content for chunk in chunks),
        "usage": [chunk.usage_metadata["output_tokens"] for chunk in chunks if chunk.usage_metadata is not None],
        "calls": [[each["id"], each["name"], each["args"]] for each in called.tool_calls],
        "response": responses.invoke("Say hello").text,
        "plain": [plain.invoke("one"), "".join(plain.stream("two"))],
        "vectors": vectors.embed_documents(["a", "abc"]),
    }


def with_litellm():
    import litellm

    given = {"api_base": base_url, "api_key": key, "max_retries": 0}
    whole = litellm.completion(model="openai/chat-tiny", messages=messages, **given)
    chunks = list(
        litellm.completion(
            model="openai/chat-tiny", messages=messages, stream=True, stream_options={"include_usage": True}, **given
        )
    )
    called = litellm.completion(model="openai/chat-tiny", messages=messages, tools=[weather], **given)
    plain = litellm.text_completion(model="text-completion-openai/completion-tiny", prompt="one", max_tokens=20, **given)
    vectors = litellm.embedding(model="openai/embedding-tiny", input=["a", "abc"], encoding_format="float", **given)
    try:
        litellm.completion(model="openai/gpt-9", messages=messages, **given)
        error = None
    except litellm.exceptions.NotFoundError as caught:
        error = [type(caught).__name__, caught.status_code]
    return {
        "whole": [whole.choices[0].message.content, whole.usage.completion_tokens],
        "streamed": "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices),
        "usage": [chunk.usage.completion_tokens for chunk in chunks if getattr(chunk, "usage", None) is not None],
        "calls": [[each.id, each.function.name, each.function.arguments] for each in called.choices[0].message.tool_calls],
        "plain": plain.choices[0].text,
        "vectors": [each["embedding"] for each in vectors.data],
        "error": error,
    }


def with_anthropic():
    from anthropic import Anthropic

    client = Anthropic(base_url=url, api_key=key, max_retries=0)
    whole = client.messages.create(model="chat-tiny", max_tokens=20, messages=messages)
    with client.messages.stream(model="chat-tiny", max_tokens=20, messages=messages) as stream:
        streamed = "".join(stream.text_stream)
        usage = stream.get_final_message().usage.output_tokens
    return {"whole": [whole.content[0].text, whole.usage.output_tokens], "streamed": streamed, "usage": usage}


clients = {"openai": with_openai, "langchain": with_langchain, "litellm": with_litellm, "anthropic": with_anthropic}
print(json.dumps(clients[name]()))
