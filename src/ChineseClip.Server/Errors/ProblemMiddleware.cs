using ChineseClip.Server.Gateway;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Errors;

/// <summary>The edge of the process: every exception and every empty error answer becomes a problem document.</summary>
internal sealed class ProblemMiddleware(
    RequestDelegate next, IOptions<GatewayOptions> gateway, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (EmptyError(context) is { } failure)
            {
                await ProblemWriter.WriteAsync(context, failure);
            }
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested)
        {
            logger.RequestAborted(context.Request.Path, exception.GetType().Name);
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            Failure failure = exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }
                ? BodyTooLarge()
                : ProblemMapping.FromException(exception);
            if (failure.Code == ErrorCode.Internal)
            {
                logger.RequestFailed(exception, context.Request.Method, context.Request.Path);
            }

            await ProblemWriter.WriteAsync(context, failure);
        }
    }

    /// <summary>Errors that routing and the framework answer with a bare status.</summary>
    private Failure? EmptyError(HttpContext context)
    {
        HttpResponse response = context.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentType is not null
            || response.ContentLength is > 0)
        {
            return null;
        }

        HttpRequest request = context.Request;
        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound => new(ErrorCode.NotFound, $"There is no {request.Method} {request.Path}."),
            StatusCodes.Status405MethodNotAllowed => new(
                ErrorCode.InvalidInput, $"{request.Path} does not answer {request.Method}.")
            {
                Status = response.StatusCode,
            },
            StatusCodes.Status413PayloadTooLarge => BodyTooLarge(),
            StatusCodes.Status415UnsupportedMediaType => new(
                ErrorCode.InvalidInput,
                $"The body is '{request.ContentType}'; must be application/json.")
            {
                Status = response.StatusCode,
            },
            < 500 => new(ErrorCode.InvalidInput, "The request is not valid.") { Status = response.StatusCode },
            _ => new(ErrorCode.Internal, "The server failed.") { Status = response.StatusCode },
        };
    }

    private Failure BodyTooLarge() => new(
        ErrorCode.TooLarge, $"The body has more than {gateway.Value.MaxRequestBytes} bytes (Gateway:MaxRequestBytes).");
}
