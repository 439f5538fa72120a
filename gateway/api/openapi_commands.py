"""The bodies of all commands, as gateway/api/commands_*.cc reads them, and the routes that take them."""

import openapi_accounts
import openapi_documents
import openapi_money
from openapi_parts import INV

PARTS = (openapi_accounts, openapi_documents, openapi_money)
COMMANDS = {name: command for part in PARTS for name, command in part.COMMANDS.items()}
COMMAND_ROUTES = [route for part in PARTS for route in part.ROUTES]

RECEIPT_EXAMPLE = {"position": 4711, "version": 1, "repeated": False, "id": INV, "events": []}
