# The image of web, worker, beat and the one-shot preparation: the same code, another command each (docker-compose.yml).
FROM python:3.13-slim AS build
ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY . .
RUN python -m compileall -q /opt/venv/lib /app \
    && SECRET_KEY=only-for-the-build STATIC_ROOT=/app/staticfiles python manage.py collectstatic --noinput --verbosity=0

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin ops \
    && install -d -o ops -g ops /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=ops_platform.settings \
    DATA_DIR=/data \
    STATIC_ROOT=/app/staticfiles \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /app
USER ops
EXPOSE 8000
VOLUME /data
CMD ["python", "-m", "gunicorn", "--config", "python:ops_platform.web_server", "ops_platform.wsgi"]
